// The picture: a window (from, to) of weight and a first row, painted line by line into one buffer of pixels. All
// rows of a frame look alike, so a level is painted once, as one line of pixels, and copied down; what it costs is the
// size of the canvas, not the number of frames. Names are written over it where they fit.

const ROW = 19; // height of a frame, in CSS pixels
const LEAST = 0.3; // width below which a frame is passed over, in pixels of the screen

class Picture {
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.colours = colours; // of(tree, node) → pixel, label(tree, node, room) → text, matched(fn), and single colours
    this.context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    this.view = null;
    this.from = 0;
    this.to = 1;
    this.top = 0;
    this.chosen = null;
    this.pointed = null;
    this.resize();
  }

  // Sizes follow the element; returns whether anything changed.
  resize(dots = window.devicePixelRatio || 1) {
    const box = this.canvas.getBoundingClientRect();
    const wide = Math.max(1, Math.round(box.width * dots)), high = Math.max(1, Math.round(box.height * dots));
    if (this.pixels && wide === this.image.width && high === this.image.height) return false;
    this.dots = dots;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = wide;
    this.canvas.height = high;
    this.image = this.context.createImageData(wide, high);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.line = new Uint32Array(wide);
    this.under = new Uint32Array(wide);
    this.context.font = `${11.5 * dots}px ${getComputedStyle(document.documentElement).getPropertyValue("--mono")}`;
    this.letter = this.context.measureText("mmmmmmmmmm").width / 10;
    return true;
  }

  show(view) {
    this.view = view;
    this.from = 0;
    this.to = view.whole;
    this.top = this.clampTop(view.home * ROW);
    this.chosen = null;
    this.pointed = null;
  }

  clampTop(top) {
    return Math.max(0, Math.min(top, this.view.rows * ROW - this.height));
  }

  // Which part and depth a row shows.
  at(row) {
    for (const part of this.view.parts) {
      const depth = (row - part.row) * part.down;
      if (depth >= part.least && depth < part.tree.level.length - 1) return { part, depth };
    }
    return null;
  }
  rowOf(place) {
    return place.part.row + place.part.down * depthOf(place.part.tree, place.node);
  }

  draw() {
    if (!this.view) return;
    const { width, height } = this.image, { colours, context } = this;
    const step = ROW * this.dots, gap = Math.max(1, Math.round(this.dots));
    const labels = [];
    this.pixels.fill(colours.paper);
    const first = Math.floor(this.top / ROW), last = Math.min(this.view.rows - 1, Math.floor((this.top + this.height) / ROW));
    for (let row = first; row <= last; row++) {
      const found = this.at(row);
      if (!found) continue;
      const y0 = Math.round((row * ROW - this.top) * this.dots), y1 = Math.round(((row + 1) * ROW - this.top) * this.dots) - gap;
      this.paintLine(found.part, found.depth, labels, y0);
      for (let y = Math.max(0, y0); y < Math.min(y1, height); y++) {
        this.pixels.set(y >= y1 - 2 * gap ? this.under : this.line, y * width);
      }
    }
    context.putImageData(this.image, 0, 0);
    context.fillStyle = colours.ink;
    context.textBaseline = "middle";
    for (const label of labels) {
      const room = Math.floor((label.to - label.from - 6 * this.dots) / this.letter);
      const shown = colours.label(label.tree, label.node, room);
      if (shown) context.fillText(shown, label.from + 3 * this.dots, label.y + step / 2 - gap / 2);
    }
    this.outline(this.pointed, 1.5);
    this.outline(this.chosen, 2.5);
  }

  paintLine(part, depth, labels, y) {
    const { tree } = part, { line, under, colours, dots } = this, wide = line.length;
    const scale = wide / (this.to - this.from), gap = Math.max(1, Math.round(dots));
    const least = LEAST * dots / scale, edge = tree.level[depth + 1];
    line.fill(colours.paper);
    under.fill(colours.paper);
    for (let i = firstRightOf(tree, tree.level[depth], edge, this.from); i < edge; i++) {
      const a = (tree.x[i] - this.from) * scale;
      if (a >= wide) break;
      if (tree.w[i] < least) {
        // Dust: one pixel stands for all frames that end in it, and the search goes on behind it.
        const pixel = Math.max(0, Math.floor(a));
        if (line[pixel] === colours.paper) line[pixel] = under[pixel] = colours.dustOf(tree, i);
        i = nextRightOf(tree, i + 1, edge, this.from + (pixel + 1) / scale) - 1;
        continue;
      }
      const b = a + tree.w[i] * scale;
      const from = Math.max(0, Math.round(a));
      let to = Math.min(wide, Math.round(b));
      if (b < wide && to - from >= 3 * gap) to -= gap;
      if (to <= from) to = from + 1;
      const colour = colours.of(tree, i);
      if (to - from === 1) {
        line[from] = under[from] = colour;
        continue;
      }
      line.fill(colour, from, to);
      under.fill(colours.matched(tree.fn[i]) ? colours.accent : colour, from, to);
      if (to - from > 14 * dots) labels.push({ tree, node: i, from, to, y });
    }
  }

  // Where a frame is, in CSS pixels of the canvas.
  boxOf(place) {
    const { tree } = place.part, scale = this.width / (this.to - this.from);
    const left = Math.max(0, (tree.x[place.node] - this.from) * scale);
    const right = Math.min(this.width, (tree.x[place.node] + tree.w[place.node] - this.from) * scale);
    return { left, right, top: this.rowOf(place) * ROW - this.top };
  }
  outline(place, thick) {
    if (!place) return;
    const { left, right, top } = this.boxOf(place), { context, dots } = this;
    if (right <= 0 || left >= this.width || right <= left) return;
    context.strokeStyle = this.colours.ink;
    context.lineWidth = thick * dots;
    const half = thick / 2;
    context.strokeRect((left + half) * dots, (top + half) * dots, Math.max(1, right - left - thick - 0.5) * dots, (ROW - 1 - thick) * dots);
  }

  // The frame under a point of the canvas, or null.
  frameAt(x, y) {
    if (!this.view) return null;
    const found = this.at(Math.floor((y + this.top) / ROW));
    if (!found) return null;
    const { tree } = found.part, edge = this.from + x / this.width * (this.to - this.from);
    const node = firstRightOf(tree, tree.level[found.depth], tree.level[found.depth + 1], edge);
    if (node === tree.level[found.depth + 1] || tree.x[node] > edge) return null;
    return { part: found.part, node };
  }

  // The window that shows a frame over the whole width, its row in sight.
  windowOf(place) {
    const { tree } = place.part, row = this.rowOf(place);
    return { from: tree.x[place.node], to: tree.x[place.node] + tree.w[place.node], top: this.topFor(row, place.part.down) };
  }
  topFor(row, down) {
    const ahead = down > 0 ? 2 : Math.max(2, Math.floor(this.height / ROW) - 3);
    const top = (row - ahead) * ROW;
    const seen = row * ROW >= this.top + ROW && (row + 2) * ROW <= this.top + this.height;
    return this.clampTop(seen && down > 0 && row * ROW < this.top + this.height / 2 ? this.top : top);
  }

  // Moves the window there in a fifth of a second; at once where motion is not wanted.
  glide(goal, done) {
    cancelAnimationFrame(this.running);
    const top = goal.top === undefined ? this.top : goal.top;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      [this.from, this.to, this.top] = [goal.from, goal.to, top];
      this.draw();
      done && done();
      return;
    }
    const start = { from: this.from, to: this.to, top: this.top }, begin = performance.now();
    const a = start.to - start.from, b = goal.to - goal.from;
    const frame = (now) => {
      const t = Math.min(1, Math.max(0, (now - begin) / 200)), eased = t * (2 - t);
      // The width changes by equal factors; the edges follow so that what is zoomed to stays in place.
      const width = a * (b / a) ** eased, part = a === b ? eased : (a - width) / (a - b);
      this.from = start.from + (goal.from - start.from) * part;
      this.to = this.from + width;
      this.top = start.top + (top - start.top) * eased;
      if (t === 1) [this.from, this.to, this.top] = [goal.from, goal.to, top];
      this.draw();
      if (t < 1) this.running = requestAnimationFrame(frame);
      else done && done();
    };
    this.running = requestAnimationFrame(frame);
  }

  // Keeps a window inside the whole and no narrower than can be told apart.
  clamped(from, to) {
    const whole = this.view.whole, width = Math.min(whole, Math.max(to - from, whole * 1e-9));
    const left = Math.max(0, Math.min(from, whole - width));
    return { from: left, to: left + width };
  }
}

function depthOf(tree, node) {
  let low = 0, high = tree.level.length - 1;
  while (low < high - 1) {
    const middle = (low + high) >> 1;
    if (tree.level[middle] <= node) low = middle;
    else high = middle;
  }
  return low;
}

// The rows of a view: icicle and bottom-up grow down, flame up, the sandwich both ways from its function.
function makeView(kind, trees) {
  const depth = (tree) => tree.level.length - 1;
  const [main, above] = trees;
  const whole = main.w[0] || 1;
  if (kind === "flame") {
    return { kind, whole, rows: depth(main), home: depth(main), parts: [{ tree: main, row: depth(main) - 1, down: -1, least: 0 }] };
  }
  if (kind === "sandwich") {
    const row = depth(above) - 1;
    const parts = [{ tree: main, row, down: 1, least: 0 }, { tree: above, row, down: -1, least: 1 }];
    return { kind, whole, rows: row + depth(main), home: Math.max(0, row - 8), parts };
  }
  return { kind, whole, rows: depth(main), home: 0, parts: [{ tree: main, row: 0, down: 1, least: 0 }] };
}
