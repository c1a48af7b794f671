// Colours of frames. Names are dark on light or light on dark with a contrast of at least 4.5; blue and orange are told
// apart by every kind of colour vision, and a sign stands beside them.

const PALETTES = {
  light: {
    ink: "#1b1d21", paper: "#fcfbf9", root: "#d6d2c9", rest: "#dcdad5", dust: "#c9c5bb", accent: "#5b2a9d",
    kinds: ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#c3b1e1", "#aaaa00", "#d8b48a"],
    worse: ["#f8e6d4", "#f6c899", "#f2a35e", "#e9822f"], better: ["#dbe8f4", "#b3d0ec", "#85b5e2", "#5699d8"],
    same: "#d5d2ca", unsure: "#e9e5dc", moved: "#d5c3ea",
  },
  dark: {
    ink: "#f3f0ea", paper: "#131519", root: "#41464f", rest: "#3a3f49", dust: "#4a4f59", accent: "#d9b8ff",
    kinds: ["#2f5f92", "#94472a", "#75631b", "#8f4356", "#27677f", "#1f6b55", "#59650f", "#5e4a85", "#53530a", "#6b4f2c"],
    worse: ["#4a3526", "#6b4422", "#84501f", "#96500e"], better: ["#24384d", "#264b70", "#295c92", "#2b65a8"],
    same: "#454b56", unsure: "#2d323b", moved: "#5d4680",
  },
};
const pixelOf = (hex) => (0xff000000 | parseInt(hex.slice(5, 7) + hex.slice(3, 5) + hex.slice(1, 3), 16)) >>> 0;

// Between two pixels: `part` of the way from a to b.
function mixed(a, b, part) {
  let pixel = 0xff;
  for (let shift = 16; shift >= 0; shift -= 8) {
    const from = (a >>> shift) & 255, to = (b >>> shift) & 255;
    pixel = (pixel << 8) | Math.round(from + (to - from) * part);
  }
  return pixel >>> 0;
}

// How strongly a ratio is coloured, 0 to 3.
function strength(ratio) {
  const size = Math.abs(Math.log(ratio));
  return size < 0.05 ? 0 : size < 0.18 ? 1 : size < 0.4 ? 2 : 3;
}

const signOf = (ratio) => (strength(ratio) === 0 ? "" : ratio > 1 ? "+" : MINUS);
const NAMES = { [ROOT]: "all", [SMALLER]: "smaller frames" };

class Colours {
  constructor(graph, functions, marks) {
    this.graph = graph;
    this.functions = functions;
    this.marks = marks;
    this.mode = "package";
    this.hits = null;
    this.paint("light");
  }

  paint(scheme) {
    this.scheme = scheme;
    const chosen = PALETTES[scheme];
    this.hex = chosen;
    this.ink = chosen.ink;
    [this.paper, this.dust, this.accent, this.root] = [chosen.paper, chosen.dust, chosen.accent, chosen.root].map(pixelOf);
    this.table = new Uint32Array(this.functions.count);
    this.sign = new Array(this.functions.count).fill("");
    this.legend = [];
    if (this.mode === "package") this.byKind(this.graph.packages, this.functions.packages);
    else if (this.mode === "role") this.byKind(this.graph.roles, this.functions.roles);
    else if (this.mode === "verdict") this.byVerdict();
    else if (this.mode === "change") this.byChange();
    else this.table.fill(pixelOf(chosen.kinds[0]));
    this.steps = ["better", "worse"].map((side) => chosen[side].map((hex) => pixelOf(hex)));
    this.dimmedSteps = this.steps.map((side) => side.map((pixel) => mixed(pixel, this.paper, 0.72)));
    this.dimmed = this.table.map((pixel) => mixed(pixel, this.paper, 0.72));
  }

  // The kinds that carry most get colours of their own, in order; all others share one.
  byKind(names, rows) {
    const { flat, count } = this.functions, carried = new Float64Array(names.length);
    for (let i = 0; i < count; i++) carried[rows[i]] += flat[i];
    const order = [...carried.keys()].sort((a, b) => carried[b] - carried[a]).slice(0, this.hex.kinds.length);
    const colour = new Uint32Array(names.length).fill(pixelOf(this.hex.rest));
    order.forEach((kind, rank) => { colour[kind] = pixelOf(this.hex.kinds[rank]); });
    for (let i = 0; i < count; i++) this.table[i] = colour[rows[i]];
    this.legend = order.map((kind, rank) => [this.hex.kinds[rank], names[kind] || "no name", carried[kind]]);
    if (names.length > order.length) this.legend.push([this.hex.rest, `${names.length - order.length} more`, null]);
  }

  byVerdict() {
    const { verdict, ratio, count } = this.functions, { hex, marks } = this;
    const plain = { equivalent: pixelOf(hex.same), moved: pixelOf(hex.moved) };
    for (let i = 0; i < count; i++) {
      const side = verdict[i] === "worse" || verdict[i] === "better" ? hex[verdict[i]] : null;
      this.table[i] = side ? pixelOf(side[ratio[i] > 0 ? Math.max(1, strength(ratio[i])) : 3]) : plain[verdict[i]] || pixelOf(hex.unsure);
      this.sign[i] = verdict[i] === "worse" ? "+" : verdict[i] === "better" ? MINUS : verdict[i] === "moved" ? marks.moved : "";
    }
    this.legend = [
      [hex.worse[3], "+ more, surely (stronger: by more)", null], [hex.better[3], `${MINUS} less, surely`, null],
      [hex.moved, `${marks.moved} moved between functions, not grown`, null], [hex.same, "equivalent", null], [hex.unsure, "not enough data, or not asked", null],
    ];
  }
  byChange() {
    const { hex } = this;
    this.legend = [
      [hex.worse[3], "+ more than ×1.5", null], [hex.worse[1], "+ more than ×1.05", null], [hex.better[1], `${MINUS} less than ÷1.05`, null],
      [hex.better[3], `${MINUS} less than ÷1.5`, null], [hex.same, "within 5 %", null],
    ];
    this.table.fill(pixelOf(hex.same));
  }

  of(tree, node) {
    const fn = tree.fn[node];
    if (fn < 0) return fn === ROOT ? this.root : this.dust;
    const dim = this.hits !== null && !this.hits[fn];
    if (this.mode === "change") {
      const ratio = changeOf(tree, node), rank = strength(ratio);
      if (rank) return (dim ? this.dimmedSteps : this.steps)[ratio > 1 ? 1 : 0][rank];
    }
    return dim ? this.dimmed[fn] : this.table[fn];
  }
  // Of frames too narrow to be seen: a kind may show through, but no single one may stand for a difference.
  dustOf(tree, node) {
    return this.mode === "verdict" || this.mode === "change" ? this.dust : this.of(tree, node);
  }
  matched(fn) {
    return this.hits !== null && fn >= 0 && this.hits[fn] === 1;
  }
  // The sign that stands beside the colour, and the name; the sign alone where there is room for no more.
  label(tree, node, room) {
    const fn = tree.fn[node];
    const sign = fn < 0 ? "" : this.mode === "change" ? signOf(changeOf(tree, node)) : this.sign[fn];
    const text = (sign && `${sign} `) + (fn < 0 ? NAMES[fn] : this.functions.short[fn]);
    return text.length <= room ? text : room > 4 ? `${text.slice(0, room - 1)}…` : sign.slice(0, room);
  }
}

// Candidate against base of one frame; what is new or gone counts as a hundredfold.
function changeOf(tree, node) {
  if (!tree.base) return 1;
  const value = Math.max(0, tree.value[node]), base = Math.max(0, tree.base[node]);
  if (value === base) return 1;
  return base === 0 ? 100 : value === 0 ? 0.01 : value / base;
}
