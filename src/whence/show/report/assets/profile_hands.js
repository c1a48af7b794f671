// What keys, pointer and wheel do; then the page is started.

class ProfilePage extends ProfileState {
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

function widestChild(part, node, picture) {
  const { tree } = part;
  let best = -1, widest = 0;
  for (let i = tree.first[node]; i < tree.first[node] + tree.size[node]; i++) {
    const seen = Math.min(tree.x[i] + tree.w[i], picture.to) - Math.max(tree.x[i], picture.from);
    if (seen > widest) [best, widest] = [i, seen];
  }
  return best < 0 ? null : { part, node: best };
}

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

start();
