// The page: its state stands in the address, and every change of it goes one way, through `go`.

const $ = (id) => document.getElementById(id);
const say = (text) => { $("said").textContent = text; };
const VIEWS = ["flame", "icicle", "sandwich", "bottom-up"];
const data = JSON.parse($("payload").textContent);

// Copying. Where the clipboard is closed (a file opened from a mail), the text is selected instead.
async function copy(source, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
  }
  say(button.textContent);
  setTimeout(() => { button.textContent = before; }, 1600);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy($(button.dataset.copy), button);
});

async function textOf(file) {
  return file.text !== undefined ? file.text : inflated(file.gzip, "gzip").text();
}

// On paper the picture has the colours of paper.
const darkness = matchMedia("(prefers-color-scheme: dark)");

async function start() {
  if (typeof DecompressionStream === "undefined") {
    $("fallback").textContent = "This browser cannot unpack the profile (it has no DecompressionStream), so the picture is missing. The table below says the most important of it.";
    $("fallback").hidden = false;
    return;
  }
  const graph = JSON.parse(await textOf(data.files["flame.json"]));
  graph.packages = (graph.packages || []).map(cleaned);
  graph.roles = (graph.roles || []).map(cleaned);
  const functions = await readFunctions(graph);
  const columns = await readNodes(graph.nodes, functions.count);
  new ProfilePage(graph, functions, columns);
}

class ProfilePage {
  constructor(graph, functions, columns) {
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
  trail(place) {
    const steps = [];
    if (place) for (let node = place.node; node >= 0; node = place.part.tree.parent[node]) steps.unshift({ part: place.part, node });
    $("where").hidden = steps.length < 2;
    const shown = steps.length > 9 ? [steps[0], ...steps.slice(-8)] : steps;
    $("where").replaceChildren(...shown.map((step) => {
      const button = element("button", this.nameOf(step, true));
      button.type = "button";
      button.addEventListener("click", () => this.zoomIn(step));
      return button;
    }));
  }

  // What is known of a frame, as lines of (name, value).
  nameOf({ part, node }, short) {
    const fn = part.tree.fn[node];
    return fn < 0 ? NAMES[fn] : this.functions[short ? "short" : "name"][fn];
  }
  facts({ part, node }) {
    const { tree } = part, { graph, functions, unit } = this, fn = tree.fn[node];
    const of = (value, total) => `${amountOf(value, unit)} (${percentOf(value, total)})`;
    const lines = [];
    if (this.diff) {
      const change = tree.value[node] - tree.base[node];
      lines.push(["This frame, base", of(tree.base[node], graph.base_total)], ["This frame, candidate", of(tree.value[node], graph.total)]);
      lines.push(["Change", `${signed(change, amountOf(change, unit))}${tree.base[node] > 0 ? `, ×${three(Number((tree.value[node] / tree.base[node]).toPrecision(3)))}` : ", new"}`]);
    } else lines.push(["This frame", of(tree.value[node], graph.total)]);
    if (fn === SMALLER) lines.push(["Too narrow to be drawn here", "the table and the search find them"]);
    if (fn < 0) return lines;
    if (this.diff) {
      lines.push(["Function, flat", `${amountOf(functions.baseFlat[fn], unit)} → ${amountOf(functions.flat[fn], unit)}`]);
      lines.push(["Function, cumulative", `${amountOf(functions.baseCum[fn], unit)} → ${amountOf(functions.cum[fn], unit)}`]);
    } else {
      lines.push(["Function, flat", of(functions.flat[fn], graph.total)], ["Function, cumulative", of(functions.cum[fn], graph.total)]);
    }
    const verdict = functions.verdict[fn];
    if (verdict) lines.push(["Verdict", `${data.marks[verdict]} ${data.words[verdict]}, ${graph.judged} ${this.table.newOrGone(fn) || ratioText(functions.ratio[fn], functions.low[fn], functions.high[fn])}`]);
    if (graph.packages.length) lines.push(["Package", graph.packages[functions.packages[fn]] || MISSING]);
    if (graph.roles.length) lines.push(["Role", graph.roles[functions.roles[fn]]]);
    return lines;
  }
  tell(place, aloud) {
    const card = $("frame");
    card.hidden = false;
    if (!place) {
      card.replaceChildren(element("p", "Point at a frame, or focus the picture and use the arrow keys: here stands what is known of it.", "say"));
      return;
    }
    const head = element("h4"), list = element("dl", null, "facts"), buttons = element("div", null, "buttons"), fn = place.part.tree.fn[place.node];
    const name = element("code", this.nameOf(place));
    name.id = "frame-name";
    head.append(name);
    for (const [term, value] of this.facts(place)) {
      const box = element("div");
      box.append(element("dt", term), element("dd", value));
      list.append(box);
    }
    const button = (text, act) => {
      const made = element("button", text);
      made.type = "button";
      if (act) made.addEventListener("click", act);
      buttons.append(made);
      return made;
    };
    button("Zoom here", () => this.zoomIn(place));
    if (fn >= 0) button("Callers and callees", () => this.sandwich(fn));
    button("Copy name").dataset.copy = "frame-name";
    card.replaceChildren(head, list, buttons);
    if (aloud) say([this.nameOf(place), ...this.facts(place).slice(0, this.diff ? 6 : 3).map((pair) => pair.join(" "))].join(", "));
  }
  choose(place, aloud) {
    this.picture.chosen = place;
    this.tell(place, aloud);
    this.picture.draw();
  }

  // Walking by keys.
  walk(key) {
    const { picture } = this, place = picture.chosen;
    if (!place) {
      const root = picture.view.parts[0], zoomed = this.placeOf(this.state.zoom);
      return this.choose(zoomed || { part: root, node: 0 }, true);
    }
    const { part, node } = place, { tree } = part;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const depth = depthOf(tree, node), step = key === "ArrowLeft" ? -1 : 1, least = (picture.to - picture.from) * LEAST / picture.width;
      for (let i = node + step; i >= tree.level[depth] && i < tree.level[depth + 1]; i += step) {
        if (tree.x[i] >= picture.to || tree.x[i] + tree.w[i] <= picture.from) break;
        if (tree.w[i] >= least) return this.choose({ part, node: i }, true);
      }
      return undefined;
    }
    const away = (key === "ArrowDown" ? 1 : -1) === part.down;
    const other = picture.view.parts.find((one) => one !== part);
    if (!away && tree.parent[node] >= 0) {
      const above = tree.parent[node];
      return this.seen(above === 0 && part.least ? { part: other, node: 0 } : { part, node: above });
    }
    if (away) return this.seen(widestChild(part, node, picture));
    return other && node === 0 ? this.seen(widestChild(other, 0, picture)) : undefined;
  }
  seen(place) {
    if (!place) return;
    const { picture } = this, y = picture.rowOf(place) * ROW;
    if (y < picture.top) picture.top = picture.clampTop(y - ROW);
    if (y + 2 * ROW > picture.top + picture.height) picture.top = picture.clampTop(y + 2 * ROW - picture.height);
    this.choose(place, true);
  }
  nextMatch(step) {
    const { picture, colours } = this;
    if (!colours.hits) return;
    const part = picture.chosen ? picture.chosen.part : picture.view.parts[0], { tree } = part;
    const least = (picture.to - picture.from) * LEAST / picture.width;
    for (let i = (picture.chosen ? picture.chosen.node : 0) + step; i > 0 && i < tree.count; i += step) {
      const visible = tree.x[i] < picture.to && tree.x[i] + tree.w[i] > picture.from && tree.w[i] >= least;
      if (visible && colours.matched(tree.fn[i])) { this.seen({ part, node: i }); return; }
    }
    say("No further match");
  }
  key(event) {
    const { picture } = this, { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const center = (picture.from + picture.to) / 2, chosen = picture.chosen;
    const acts = {
      Enter: () => this.zoomIn(chosen), Escape: () => this.zoomOut(), Backspace: () => this.zoomOut(),
      Home: () => { picture.chosen = null; this.go({ zoom: "", at: "" }); this.walk("Home"); },
      "+": () => this.scale(0.6, center), "=": () => this.scale(0.6, center), "-": () => this.scale(1 / 0.6, center),
      s: () => chosen && this.sandwich(chosen.part.tree.fn[chosen.node]), c: () => this.nextColour(),
      n: () => this.nextMatch(1), N: () => this.nextMatch(-1), "/": () => { $("search").focus(); $("search").select(); }, "?": () => $("help").showModal(),
    };
    VIEWS.forEach((view, i) => { acts[i + 1] = () => this.go({ view, zoom: "", at: "" }); });
    if (key.startsWith("Arrow")) acts[key] = () => this.walk(key);
    if (!acts[key]) return;
    event.preventDefault();
    acts[key]();
  }
  nextColour() {
    const select = $("colour");
    this.go({ color: select.options[(select.selectedIndex + 1) % select.options.length].value });
    say(`Colour: ${select.selectedOptions[0].textContent}`);
  }

  // Free windows: zoom around a point, and moving. The address follows when the hand rests.
  scale(factor, center) {
    const { picture } = this, { from, to } = picture;
    const goal = picture.clamped(center - (center - from) * factor, center + (to - center) * factor);
    picture.glide(goal, () => this.rest());
  }
  move(across, down) {
    const { picture } = this, unit = (picture.to - picture.from) / picture.width;
    Object.assign(picture, picture.clamped(picture.from - across * unit, picture.to - across * unit));
    picture.top = picture.clampTop(picture.top - down);
    picture.draw();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), 250);
  }
  rest() {
    const { picture, state } = this, { from, to } = picture, { whole } = picture.view;
    const place = this.placeOf(state.zoom), goal = place ? picture.windowOf(place) : { from: 0, to: whole };
    const same = Math.abs(goal.from - from) + Math.abs(goal.to - to) < whole * 1e-9;
    const at = same ? "" : `${Number((from / whole).toPrecision(9))}..${Number((to / whole).toPrecision(9))}`;
    if (at === state.at) return;
    this.state = { ...state, at };
    history.replaceState(null, "", this.write(this.state) === "#" ? location.pathname + location.search : this.write(this.state));
    $("out").disabled = !state.zoom && !at;
  }

  hover(event) {
    const tip = $("tip"), { picture } = this, place = event && picture.frameAt(event.offsetX, event.offsetY);
    const same = place && picture.pointed && place.node === picture.pointed.node && place.part === picture.pointed.part;
    if (place && !same) {
      tip.replaceChildren(element("code", this.nameOf(place)), ...this.facts(place).slice(0, this.diff ? 6 : 3).map((pair) => element("span", pair.join(": "))));
    }
    tip.hidden = !place;
    if (place) {
      const box = $("flame-box").getBoundingClientRect();
      const left = Math.min(event.offsetX + 14, box.width - tip.offsetWidth - 4);
      tip.style.left = `${Math.max(0, left)}px`;
      const below = event.offsetY + 22, above = event.offsetY - tip.offsetHeight - 12;
      tip.style.top = `${below + tip.offsetHeight > innerHeight - box.top && above > -box.top ? above : below}px`;
    }
    if (same || (!place && !picture.pointed)) return;
    picture.pointed = place || null;
    picture.draw();
  }

  listen() {
    const canvas = $("flame"), { picture } = this;
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = { x: event.clientX, y: event.clientY, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!held) return this.hover(event);
      const across = event.clientX - held.x, down = event.clientY - held.y;
      if (!held.moved && Math.hypot(across, down) < 4) return undefined;
      held = { x: event.clientX, y: event.clientY, moved: true };
      canvas.classList.add("moving");
      this.hover(null);
      return this.move(across, down);
    });
    canvas.addEventListener("pointerup", (event) => {
      const click = held && !held.moved;
      held = null;
      canvas.classList.remove("moving");
      const place = click && picture.frameAt(event.offsetX, event.offsetY);
      if (!place) return;
      if (event.shiftKey) this.sandwich(place.part.tree.fn[place.node]);
      else this.zoomIn(place);
    });
    canvas.addEventListener("pointercancel", () => { held = null; });
    canvas.addEventListener("pointerleave", () => { if (!held) this.hover(null); });
    canvas.addEventListener("wheel", (event) => {
      const unit = event.deltaMode === 1 ? ROW : 1, down = event.deltaY * unit, across = event.deltaX * unit;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const { from, to } = picture, center = from + event.offsetX / picture.width * (to - from), factor = Math.exp(Math.max(-60, Math.min(60, down)) * 0.006);
        Object.assign(picture, picture.clamped(center - (center - from) * factor, center + (to - center) * factor));
        picture.draw();
        clearTimeout(this.resting);
        this.resting = setTimeout(() => this.rest(), 250);
        return;
      }
      // The page scrolls on where the picture has no more rows.
      const room = down > 0 ? picture.top < picture.clampTop(Infinity) : down < 0 && picture.top > 0;
      if (!room && !across) return;
      if (room || Math.abs(across) > Math.abs(down)) event.preventDefault();
      this.move(-across, room ? -down : 0);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible") && !picture.chosen) this.walk("Home"); });

    document.querySelectorAll("[data-view]").forEach((button) => button.addEventListener("click", () => this.go({ view: button.dataset.view, zoom: "", at: "" })));
    $("colour").addEventListener("change", () => this.go({ color: $("colour").value }));
    if ($("side")) $("side").addEventListener("change", () => this.go({ width: $("side").value, at: "" }));
    if ($("only")) $("only").addEventListener("change", () => this.go({ only: $("only").value }));
    $("search").addEventListener("input", () => this.go({ q: $("search").value }, true));
    $("filter").addEventListener("input", () => this.go({ filter: $("filter").value }, true));
    $("search").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      if (event.key === "Escape") this.go({ q: "" });
      canvas.focus();
    });
    $("out").addEventListener("click", () => this.zoomOut());
    $("keys").addEventListener("click", () => $("help").showModal());
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.defaultPrevented || event.target.closest("input, select, textarea, dialog")) return;
      event.preventDefault();
      $("search").focus();
    });
    addEventListener("hashchange", () => this.follow());
    addEventListener("popstate", () => this.follow());
    addEventListener("resize", () => { if (picture.resize()) { picture.top = picture.clampTop(picture.top); picture.draw(); } });
    darkness.addEventListener("change", () => { this.repaint(); picture.draw(); });
    addEventListener("beforeprint", () => { this.repaint("light"); picture.resize(2); picture.draw(); });
    addEventListener("afterprint", () => { this.repaint(); picture.resize(); picture.draw(); });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-file]");
      if (button) this.save(button.dataset.file);
    });
  }

  async save(name) {
    const made = { "top.json": () => topJson(this.graph, this.functions), "functions.csv": () => functionsCsv(this.graph, this.functions), "folded.txt": () => foldedText(this.columns, this.functions) }[name];
    const text = made ? made() : await textOf(data.files[name]);
    const link = element("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob(Array.isArray(text) ? text : [text], { type: name.endsWith("json") ? "application/json" : "text/plain" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 4000);
    say(`${name} saved`);
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

function widestChild(part, node, picture) {
  const { tree } = part;
  let best = -1, widest = 0;
  for (let i = tree.first[node]; i < tree.first[node] + tree.size[node]; i++) {
    const seen = Math.min(tree.x[i] + tree.w[i], picture.to) - Math.max(tree.x[i], picture.from);
    if (seen > widest) [best, widest] = [i, seen];
  }
  return best < 0 ? null : { part, node: best };
}

start();
