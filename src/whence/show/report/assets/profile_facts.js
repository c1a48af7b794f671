// What is known of a frame: in the card under the picture, in the tip beside the pointer, and aloud.

const $ = (id) => document.getElementById(id);
const say = (text) => { $("said").textContent = text; };
const data = JSON.parse($("payload").textContent);

class FrameTeller {
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
}
