// The page: its state stands in the address, and every change of it goes one way, through `go`.

const VIEWS = ["flame", "icicle", "sandwich", "bottom-up"];
const darkness = matchMedia("(prefers-color-scheme: dark)");

class ProfileState extends FrameTeller {
  constructor(graph, functions, columns) {
    super();
    Object.assign(this, { graph, functions, columns, unit: data.unit, diff: columns.base !== null });
    this.colours = new Colours(graph, functions, data.marks);
    for (const id of ["flame-tools", "table-tools", "flame-box", "picture-say"]) $(id).hidden = false;
    this.picture = new Picture($("flame"), this.colours);
    $("flame").picture = this.picture; // for measuring from outside
    this.table = new FunctionTable(graph, functions, {
      unit: data.unit, words: data.words, marks: data.marks,
      open: (fn) => this.sandwich(fn, true), sorted: (sort) => this.go({ sort }),
    });
    this.standard = {
      view: "icicle", pivot: -1, zoom: "", at: "", q: "", sort: this.table.standard, filter: "", only: "",
      color: $("colour").options[0].value, width: "both",
    };
    this.state = null;
    this.listen();
    this.follow();
    performance.mark("flame-painted");
  }

  // State and address.
  read() {
    const found = { ...this.standard }, allowed = { view: VIEWS, width: ["both", "candidate", "base"], color: [...$("colour").options].map((o) => o.value) };
    for (const item of location.hash.slice(1).split("&")) {
      const cut = item.indexOf("=");
      if (cut < 0) continue;
      const key = item.slice(0, cut);
      let value;
      try { value = decodeURIComponent(item.slice(cut + 1)); } catch { continue; }
      if (key === "pivot") found.pivot = this.functions.name.indexOf(value);
      else if (key in found && (!allowed[key] || allowed[key].includes(value))) found[key] = value;
    }
    if (found.view === "sandwich" && found.pivot < 0) found.pivot = this.likelyPivot();
    return found;
  }
  write(state) {
    const items = [];
    for (const key in state) {
      if (state[key] === this.standard[key] || (key === "pivot" && state.view !== "sandwich")) continue;
      items.push(`${key}=${encodeURIComponent(key === "pivot" ? this.functions.name[state.pivot] : state[key])}`);
    }
    return `#${items.join("&")}`;
  }
  go(change, quietly = false) {
    const next = { ...this.state, ...change };
    if (next.view === "sandwich" && next.pivot < 0) next.pivot = this.likelyPivot();
    const address = this.write(next);
    if (address !== location.hash && !(address === "#" && !location.hash)) {
      history[quietly ? "replaceState" : "pushState"](null, "", address === "#" ? location.pathname + location.search : address);
    }
    this.apply(next);
  }
  follow() {
    const name = location.hash.slice(1);
    if (this.state && name && !name.includes("=")) return; // an anchor of the page
    this.apply(this.read());
    if (!name.includes("=") && name && $(name)) $(name).scrollIntoView();
  }

  apply(next) {
    const old = this.state || {}, changed = (...keys) => keys.some((key) => old[key] !== next[key]);
    this.state = next;
    const rebuilt = changed("view", "width") || (next.view === "sandwich" && changed("pivot"));
    if (changed("q")) this.search(next.q);
    if (changed("q", "color")) this.repaint();
    if (changed("width") && (this.diff || !old.view)) weigh(this.columns, next.width);
    if (rebuilt) this.build([]);
    if (rebuilt || changed("zoom", "at")) this.zoomTo(next, !rebuilt);
    else this.picture.draw();
    if (changed("sort", "filter", "only")) this.list(next);
    this.controls(next);
  }

  // Trees of the view; those grown upwards are grown more finely below the frame that is zoomed to.
  build(fine, part = 0) {
    const { view, pivot } = this.state, { columns } = this;
    const closer = (which) => (which === part ? fine : []);
    let trees;
    if (view === "sandwich") trees = [calleesOf(columns, pivot, closer(0)), callersOf(columns, pivot, closer(1))];
    else if (view === "bottom-up") trees = [bottomUp(columns, fine)];
    else trees = [this.whole && this.wholeWidth === this.state.width ? this.whole : topDown(columns)];
    if (view === "flame" || view === "icicle") [this.whole, this.wholeWidth] = [trees[0], this.state.width];
    const { top } = this.picture, same = fine.length > 0;
    this.fit(makeView(view, trees));
    if (same) this.picture.top = this.picture.clampTop(top);
  }
  fit(view) {
    const most = Math.max(300, Math.min(820, Math.round(innerHeight * 0.68)));
    $("flame").style.height = `${Math.max(140, Math.min(most, view.rows * ROW))}px`;
    this.picture.resize();
    this.picture.show(view);
  }

  zoomTo(state, gliding) {
    const { picture } = this, grown = state.view === "sandwich" || state.view === "bottom-up";
    const { part, path } = readPath(state.zoom);
    if (grown && path.length) {
      const window = { from: picture.from, to: picture.to, whole: picture.view.whole };
      this.build(path, part);
      if (gliding && window.whole === picture.view.whole) [picture.from, picture.to] = [window.from, window.to];
    }
    const place = this.placeOf(state.zoom);
    let goal = place ? picture.windowOf(place) : { from: 0, to: picture.view.whole };
    const range = /^([\d.e-]+)\.\.([\d.e-]+)$/.exec(state.at);
    if (range && Number(range[2]) > Number(range[1])) goal = { ...goal, ...picture.clamped(range[1] * picture.view.whole, range[2] * picture.view.whole) };
    if (place && path.length) picture.chosen = place;
    if (gliding) picture.glide(goal);
    else {
      Object.assign(picture, { from: goal.from, to: goal.to });
      if (goal.top !== undefined && path.length) picture.top = goal.top;
      picture.draw();
    }
    this.trail(place);
    this.tell(picture.chosen, false);
  }
  placeOf(zoom) {
    const { part, path } = readPath(zoom), found = this.picture.view.parts[part];
    if (!found) return null;
    const node = nodeAt(found.tree, path);
    return node < 0 ? null : { part: found, node };
  }
  zoomOf(place) {
    const part = this.picture.view.parts.indexOf(place.part);
    return writePath(part, pathOf(place.part.tree, place.node));
  }
  zoomIn(place) {
    if (!place) return;
    if (place.part.tree.fn[place.node] === SMALLER) {
      this.choose(place, true);
      return;
    }
    this.picture.chosen = place;
    this.go({ zoom: this.zoomOf(place), at: "" });
    this.tell(place, true);
  }
  zoomOut() {
    const { state } = this;
    if (state.at) return this.go({ at: "" });
    const { part, path } = readPath(state.zoom);
    if (!path.length) return undefined;
    // Frames as wide as the one zoomed to are left in one step.
    let place = this.placeOf(state.zoom);
    if (!place) return this.go({ zoom: "" });
    const { tree } = place.part;
    let node = tree.parent[place.node];
    while (node > 0 && tree.w[node] === tree.w[place.node]) node = tree.parent[node];
    place = { part: place.part, node };
    this.go({ zoom: node > 0 ? writePath(part, pathOf(tree, node)) : "" });
    return this.tell(this.picture.chosen, true);
  }
  sandwich(fn, scroll) {
    if (fn < 0) return;
    this.go({ view: "sandwich", pivot: fn, zoom: "", at: "" });
    if (scroll) {
      $("picture").scrollIntoView();
      $("flame").focus({ preventScroll: true });
    }
    this.choose({ part: this.picture.view.parts[0], node: 0 }, true);
  }
  likelyPivot() {
    const chosen = this.picture.chosen;
    if (chosen && chosen.part.tree.fn[chosen.node] >= 0) return chosen.part.tree.fn[chosen.node];
    if (!this.table.rows) this.table.show(this.table.standard, () => true);
    return this.table.rows.length ? this.table.rows[0] : 0;
  }

  // Search: which functions match, and the share of all values below the outermost of them.
  search(query) {
    const matches = query ? matcher(query) : null, { functions, columns } = this;
    $("search").classList.toggle("bad", Boolean(query) && !matches);
    this.colours.hits = null;
    $("matched").textContent = "";
    if (!matches) return;
    const hits = this.colours.hits = Uint8Array.from(functions.name, (name) => (matches(name) ? 1 : 0));
    let value = 0;
    for (let i = 0; i < columns.count;) {
      if (hits[columns.fn[i]]) {
        value += columns.whole[i];
        i = columns.end[i];
      } else i++;
    }
    const count = hits.reduce((sum, hit) => sum + hit, 0);
    $("matched").textContent = `${three(count)} function${count === 1 ? "" : "s"}, ${percentOf(value, this.graph.total)}`;
    say(`${$("matched").textContent} matched`);
  }

  repaint(scheme = darkness.matches ? "dark" : "light") {
    this.colours.mode = this.state.color;
    this.colours.paint(scheme);
    $("legend").replaceChildren(...this.colours.legend.map(([colour, word, carried]) => {
      const item = element("li"), swatch = element("span", null, "swatch");
      swatch.style.background = colour;
      item.append(swatch, carried === null ? word : `${word} ${percentOf(carried, this.graph.total)}`);
      return item;
    }));
  }

  list(state) {
    const matches = state.filter ? matcher(state.filter) : () => true, { name, verdict } = this.functions;
    $("filter").classList.toggle("bad", !matches);
    const wanted = (i) => !state.only || verdict[i] === state.only || (state.only === "differs" && ["worse", "better", "moved"].includes(verdict[i]));
    this.table.show(state.sort, (i) => wanted(i) && (!matches || matches(name[i])));
    $("counted").textContent = `${three(this.table.rows.length)} of ${three(this.functions.count)}`;
  }

  controls(state) {
    for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
    const fields = { colour: "color", side: "width", search: "q", filter: "filter", only: "only" };
    for (const id in fields) if ($(id) && $(id).value !== state[fields[id]]) $(id).value = state[fields[id]];
    $("out").disabled = !state.zoom && !state.at;
    const width = !this.diff ? "" : state.width === "both" ? " Width: base and candidate together." : ` Width: the ${state.width}.`;
    $("picture-say").textContent = `${{
      flame: "Callers stand below what they call.", icicle: "Callers stand above what they call.",
      sandwich: `Callers of ${state.pivot >= 0 ? this.functions.name[state.pivot] : "it"} stand above it, callees below.`,
      "bottom-up": "Functions by what is spent in themselves; below each its callers.",
    }[state.view]}${width} Click to zoom, drag to move, Ctrl with the wheel zooms too.`;
  }
}

// A path in the address: the part of the view, then function rows in base 36.
function writePath(part, path) {
  return (part ? "~" : "") + path.map((fn) => fn.toString(36)).join("-");
}
function readPath(text) {
  const part = text.startsWith("~") ? 1 : 0, rest = text.slice(part);
  const path = rest ? rest.split("-").map((word) => parseInt(word, 36)) : [];
  return { part, path };
}
