// The table of functions: sorted, filtered, a screenful at a time; interval bars beside functions that were judged.

const SVG = "http://www.w3.org/2000/svg";
const RANKS = ["worse", "moved", "better", "undetermined", "equivalent"];

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}
// A Go name may break behind its slashes and dots.
function breakable(name) {
  const code = element("code");
  name.split(/(?<=[/.])/).forEach((piece, i) => code.append(...(i ? [element("wbr")] : []), piece));
  return code;
}
function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return made;
}

class FunctionTable {
  // `page`: unit, total, words, marks, open(fn) when a function is chosen, sorted(sort) when the order is.
  constructor(graph, functions, page) {
    this.graph = graph;
    this.functions = functions;
    this.page = page;
    this.table = document.getElementById("top");
    this.body = this.table.tBodies[0];
    this.judged = functions.verdict.length > 0;
    this.diff = functions.baseFlat !== null;
    const cum = this.judged && graph.judged === "cum";
    this.now = cum ? functions.cum : functions.flat;
    this.before = cum ? functions.baseCum : functions.baseFlat;
    this.keys = this.sortKeys();
    this.standard = this.judged ? "verdict" : this.diff ? "delta" : "flat";
    this.more = document.getElementById("more");
    this.more.addEventListener("click", () => { this.limit += 200; this.fill(); });
    this.heads();
  }

  sortKeys() {
    const { functions: f, now, before, graph } = this;
    const delta = (i) => Math.abs(now[i] - before[i]), missing = (value) => (value === null || value === undefined ? -Infinity : value);
    return {
      name: [(i) => f.name[i], 1], flat: [(i) => f.flat[i], -1], cum: [(i) => f.cum[i], -1], value: [(i) => now[i], -1],
      ...(this.diff ? { base: [(i) => before[i], -1], basecum: [(i) => f.baseCum[i], -1], delta: [delta, -1] } : {}),
      ...(this.judged ? {
        verdict: [(i) => (f.verdict[i] ? RANKS.indexOf(f.verdict[i]) : RANKS.length), 1, delta],
        ratio: [(i) => missing(f.ratio[i]), -1], p: [(i) => (f.p[i] === null ? Infinity : f.p[i]), 1],
      } : {}),
      role: [(i) => graph.roles[f.roles[i]] || "", 1],
    };
  }

  heads() {
    for (const head of this.table.tHead.rows[0].cells) {
      const button = element("button", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => {
        const key = head.dataset.sort;
        this.page.sorted(this.sort === key ? `-${key}` : key);
      });
      head.replaceChildren(button);
    }
    if (this.judged) {
      this.spread();
      const strip = this.table.tHead.rows[0].cells[4];
      strip.classList.add("strip");
      strip.append(this.axis());
    }
  }

  // One axis for all bars, even in ratios, as wide as the intervals of what differs; at most from ÷8 to ×8.
  spread() {
    const { functions: f } = this;
    let widest = Math.log(1.1);
    for (let i = 0; i < f.count; i++) {
      if (f.verdict[i] !== "worse" && f.verdict[i] !== "better") continue;
      for (const end of [f.low[i], f.high[i], f.ratio[i]]) if (end > 0) widest = Math.max(widest, Math.abs(Math.log(end)));
    }
    this.widest = Math.min(Math.log(8), widest * 1.05);
  }
  across(ratio) {
    return 50 + 50 * Math.max(-1, Math.min(1, Math.log(ratio) / this.widest));
  }
  axis() {
    const svg = drawn("svg", { "aria-hidden": "true" }), step = [1.05, 1.1, 1.2, 1.5, 2, 4].findLast((size) => Math.log(size) <= this.widest * 0.9) || 1.05;
    for (const ratio of [1 / step, 1, step]) {
      const text = drawn("text", { x: `${this.across(ratio)}%`, y: 12 });
      text.textContent = ratio === 1 ? "same" : ratio > 1 ? `×${step}` : `÷${step}`;
      svg.append(text);
    }
    return svg;
  }
  // A function that one side never showed has no ratio.
  newOrGone(i) {
    if (this.functions.ratio[i] !== null || !this.functions.verdict[i]) return "";
    return this.before[i] === 0 && this.now[i] > 0 ? "new" : this.now[i] === 0 && this.before[i] > 0 ? "gone" : "";
  }
  bar(i) {
    const { ratio, low, high } = this.functions, svg = drawn("svg", { "aria-hidden": "true" });
    svg.append(drawn("line", { class: "grid same", x1: "50%", x2: "50%", y1: "0", y2: "100%" }));
    const found = ratio[i] > 0 ? ratio[i] : this.newOrGone(i) === "new" ? Infinity : this.newOrGone(i) ? 0 : null;
    if (found === null) return svg;
    const ends = low[i] > 0 && high[i] > 0 ? [low[i], high[i]] : [found, found];
    if (ends[0] < ends[1]) svg.append(drawn("line", { class: "whisker", x1: `${this.across(ends[0])}%`, x2: `${this.across(ends[1])}%`, y1: "50%", y2: "50%" }));
    // What reaches beyond the axis ends in an arrow.
    for (const end of new Set(ends)) {
      if (Math.abs(Math.log(end)) <= this.widest) continue;
      const arrow = drawn("text", { class: "beyond", x: `${this.across(end)}%`, y: "50%", dy: "0.33em", dx: end > 1 ? "3" : "-3" });
      arrow.textContent = end > 1 ? "›" : "‹";
      svg.append(arrow);
    }
    if (Math.abs(Math.log(found)) <= this.widest) svg.append(drawn("circle", { cx: `${this.across(found)}%`, cy: "50%", r: "4" }));
    return svg;
  }

  // `sort`: a key, with a minus in front turned round. `keep`: fn → whether it is listed.
  show(sort, keep) {
    const turned = sort.startsWith("-"), [key, way, second] = this.keys[turned ? sort.slice(1) : sort] || this.keys[this.standard];
    this.sort = sort;
    const { flat, cum, count } = this.functions, values = new Array(count);
    this.rows = [];
    for (let i = 0; i < count; i++) {
      if (!keep(i)) continue;
      values[i] = key(i);
      this.rows.push(i);
    }
    const direction = turned ? -way : way;
    this.rows.sort((a, b) => {
      if (values[a] !== values[b]) return values[a] < values[b] ? -direction : direction;
      return (second ? second(b) - second(a) : 0) || flat[b] - flat[a] || cum[b] - cum[a] || a - b;
    });
    this.limit = 30;
    let marked = false;
    for (const head of this.table.tHead.rows[0].cells) {
      const on = !marked && head.dataset.sort === sort.replace("-", "") && !head.classList.contains("strip");
      marked = marked || on;
      if (on) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    this.fill();
  }

  fill() {
    this.body.replaceChildren(...this.rows.slice(0, this.limit).map((i) => this.row(i)));
    const left = this.rows.length - this.limit;
    this.more.hidden = left <= 0;
    this.more.textContent = `More rows (${three(Math.max(0, left))} left)`;
  }

  row(i) {
    const { functions: f, page, graph } = this, row = element("tr", null, f.verdict[i] || "");
    const name = element("th"), button = element("button");
    name.scope = "row";
    button.type = "button";
    button.title = "Show its callers and callees";
    button.append(breakable(f.name[i]));
    button.addEventListener("click", () => page.open(i));
    name.append(button);
    row.append(name);
    const amount = (value) => row.append(element("td", amountOf(value, page.unit), "num"));
    const number = (text) => row.append(element("td", text, "num"));
    if (!this.diff) {
      amount(f.flat[i]);
      number(percentOf(f.flat[i], graph.total));
      amount(f.cum[i]);
      number(percentOf(f.cum[i], graph.total));
    } else if (this.judged) {
      const verdict = f.verdict[i], strip = element("td", null, "strip");
      row.append(element("td", verdict ? `${page.marks[verdict]} ${page.words[verdict]}` : MISSING, "told"));
      amount(this.before[i]);
      amount(this.now[i]);
      strip.append(this.bar(i));
      row.append(strip);
      number(this.newOrGone(i) || ratioText(f.ratio[i], f.low[i], f.high[i]));
      number(f.p[i] === null ? MISSING : String(Number(f.p[i].toPrecision(2))));
    } else {
      amount(f.baseFlat[i]);
      amount(f.flat[i]);
      const change = f.flat[i] - f.baseFlat[i];
      number(signed(change, amountOf(change, page.unit)));
      amount(f.baseCum[i]);
      amount(f.cum[i]);
    }
    if (graph.roles.length) row.append(element("td", graph.roles[f.roles[i]]));
    return row;
  }
}
