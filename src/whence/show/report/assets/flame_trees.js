// Trees as they are drawn. Nodes stand level by level, in a level from left to right: `level[d]` is the first node of
// depth d, `x` and `w` are in units of weight, the children of node i are the `size[i]` nodes from `first[i]`.

const FINEST = 8000; // a frame narrower than this part of the widest is not looked for in a grown tree
const ROOT = -1, SMALLER = -2; // rows that are no function: all stacks, and what is too narrow to be told apart

function emptyTree(capacity, both) {
  return {
    count: 0, level: [0], capacity,
    fn: new Int32Array(capacity), parent: new Int32Array(capacity),
    first: new Int32Array(capacity), size: new Int32Array(capacity),
    x: new Float64Array(capacity), w: new Float64Array(capacity),
    value: new Float64Array(capacity), base: both ? new Float64Array(capacity) : null,
  };
}

function roomier(tree) {
  for (const key of ["fn", "parent", "first", "size", "x", "w", "value", "base"]) {
    if (!tree[key]) continue;
    const larger = new tree[key].constructor(tree.capacity * 2);
    larger.set(tree[key]);
    tree[key] = larger;
  }
  tree.capacity *= 2;
}

function addNode(tree, parent, fn, x, w, value, base) {
  if (tree.count === tree.capacity) roomier(tree);
  const i = tree.count++;
  tree.fn[i] = fn;
  tree.parent[i] = parent;
  tree.x[i] = x;
  tree.w[i] = w;
  tree.value[i] = value;
  if (tree.base) tree.base[i] = base;
  if (parent >= 0) {
    if (!tree.size[parent]) tree.first[parent] = i;
    tree.size[parent]++;
  }
  return i;
}

// All stacks from their outermost frame; heavier callees further left.
function topDown(columns) {
  const { count, end, parent, fn, weight, whole, wholeBase } = columns;
  const tree = emptyTree(count + 1, wholeBase);
  const node = new Int32Array(count + 1);
  let total = 0, value = 0, base = 0;
  for (let i = 0; i < count; i = end[i]) {
    total += weight[i];
    value += whole[i];
    if (wholeBase) base += wholeBase[i];
  }
  addNode(tree, -1, ROOT, 0, total, value, base);
  const heavier = (a, b) => weight[b] - weight[a] || a - b, callees = [];
  for (let from = 0, to = 1; from < to; from = to, to = tree.count) {
    tree.level.push(to);
    for (let i = from; i < to; i++) {
      callees.length = 0;
      const stop = i ? end[node[i]] : count;
      for (let k = i ? node[i] + 1 : 0; k < stop; k = end[k]) if (weight[k] > 0) callees.push(k);
      if (callees.length > 1) callees.sort(heavier);
      let x = tree.x[i];
      for (const k of callees) {
        node[addNode(tree, i, fn[k], x, weight[k], whole[k], wholeBase ? wholeBase[k] : 0)] = k;
        x += weight[k];
      }
    }
  }
  return tree;
}

// The outermost frames of a function: what is below them is its cumulative value, counted once.
function outermost(columns, pivot) {
  const found = [];
  for (let i = 0; i < columns.count;) {
    if (columns.fn[i] === pivot) {
      found.push(i);
      i = columns.end[i];
    } else i++;
  }
  return found;
}

function bottomUp(columns, fine) {
  const found = [];
  for (let i = 0; i < columns.count; i++) if (columns.ownWeight[i] > 0) found.push(i);
  return grow(columns, found, "leaves", ROOT, fine);
}
const callersOf = (columns, pivot, fine) => grow(columns, outermost(columns, pivot), "callers", pivot, fine);
const calleesOf = (columns, pivot, fine) => grow(columns, outermost(columns, pivot), "callees", pivot, fine);

// Merges stacks by function, level by level, and follows only what is wide enough to be seen. A node holds entries
// (origin, at): a frame whose value counts, and the frame that has been reached from it. `fine` is the path of a node
// that is looked into more closely: the finest part is then taken of its width.
function grow(columns, starts, kind, rootFn, fine = []) {
  const { parent, end, fn, functions } = columns;
  const leaves = kind === "leaves", down = kind === "callees";
  const weight = leaves ? columns.ownWeight : columns.weight;
  const value = leaves ? columns.own : columns.whole;
  const base = leaves ? columns.base : columns.wholeBase;
  const tree = emptyTree(1024, base);
  const sum = (of) => starts.reduce((total, i) => total + of[i], 0);
  addNode(tree, -1, rootFn, 0, sum(weight), sum(value), base ? sum(base) : 0);

  let origin = Int32Array.from(starts), at = Int32Array.from(starts), bounds = [0, starts.length];
  let cuts = [tree.w[0] / FINEST], followed = 0;
  const slot = new Int32Array(functions).fill(-1);
  let reachedOrigin = new Int32Array(origin.length + 16), reachedAt = new Int32Array(origin.length + 16);
  for (let depth = 0, from = 0; from < tree.count; depth++) {
    const to = tree.count;
    tree.level.push(to);
    const nextOrigin = new Numbers(origin.length), nextAt = new Numbers(origin.length), nextBounds = [0], nextCuts = [];
    let nextFollowed = -1;
    for (let i = from; i < to; i++) {
      let reached = 0;
      const reach = (start, frame) => {
        if (reached === reachedAt.length) {
          const larger = new Int32Array(reached * 2), other = new Int32Array(reached * 2);
          larger.set(reachedOrigin);
          other.set(reachedAt);
          reachedOrigin = larger;
          reachedAt = other;
        }
        reachedOrigin[reached] = start;
        reachedAt[reached++] = frame;
      };
      for (let e = bounds[i - from]; e < bounds[i - from + 1]; e++) {
        const frame = at[e];
        if (down) for (let k = frame + 1; k < end[frame]; k = end[k]) { if (weight[k] > 0) reach(k, k); }
        else if (leaves && depth === 0) reach(frame, frame);
        else if (parent[frame] >= 0) reach(origin[e], parent[frame]);
      }
      const groups = [];
      for (let e = 0; e < reached; e++) {
        const row = fn[reachedAt[e]];
        if (slot[row] < 0) {
          slot[row] = groups.length;
          groups.push({ fn: row, w: 0, value: 0, base: 0, entries: 0, place: -1 });
        }
        const group = groups[slot[row]], start = reachedOrigin[e];
        group.w += weight[start];
        group.value += value[start];
        if (base) group.base += base[start];
        group.entries++;
      }
      const cut = cuts[i - from];
      const sorted = groups.length > 1 ? groups.slice().sort((a, b) => b.w - a.w || a.fn - b.fn) : groups;
      const left = { w: 0, value: 0, base: 0 };
      let x = tree.x[i];
      for (const group of sorted) {
        const onPath = i === followed && group.fn === fine[depth];
        if (group.w < cut && !onPath) {
          left.w += group.w;
          left.value += group.value;
          left.base += group.base;
        } else {
          const made = addNode(tree, i, group.fn, x, group.w, group.value, group.base);
          if (onPath) nextFollowed = made;
          nextCuts.push(onPath && depth === fine.length - 1 ? Math.min(cut, group.w / FINEST) : cut);
          group.place = nextAt.length;
          nextAt.grow(group.entries);
          nextOrigin.grow(group.entries);
          nextBounds.push(nextAt.length);
          x += group.w;
        }
      }
      if (left.w > 0) {
        addNode(tree, i, SMALLER, x, left.w, left.value, left.base);
        nextBounds.push(nextAt.length);
        nextCuts.push(cut);
      }
      for (let e = 0; e < reached; e++) {
        const group = groups[slot[fn[reachedAt[e]]]];
        if (group.place < 0) continue;
        nextOrigin.data[group.place] = reachedOrigin[e];
        nextAt.data[group.place++] = reachedAt[e];
      }
      for (const group of groups) slot[group.fn] = -1;
    }
    [origin, at, bounds, cuts, followed, from] = [nextOrigin.data, nextAt.data, nextBounds, nextCuts, nextFollowed, to];
  }
  return tree;
}

// Whole numbers in an array that grows.
class Numbers {
  constructor(capacity) {
    this.data = new Int32Array(Math.max(16, capacity));
    this.length = 0;
  }
  grow(more) {
    this.length += more;
    if (this.length <= this.data.length) return;
    const larger = new Int32Array(Math.max(this.length, this.data.length * 2));
    larger.set(this.data);
    this.data = larger;
  }
}

// The functions from the root to a node, and the node at the end of such a path (or -1).
function pathOf(tree, node) {
  const path = [];
  for (let i = node; i > 0; i = tree.parent[i]) path.push(tree.fn[i]);
  return path.reverse();
}
function nodeAt(tree, path) {
  let node = 0;
  for (const fn of path) {
    let next = -1;
    for (let i = tree.first[node]; i < tree.first[node] + tree.size[node]; i++) if (tree.fn[i] === fn) { next = i; break; }
    if (next < 0) return -1;
    node = next;
  }
  return node;
}

// The first node from `low` to `high` that ends right of `edge`.
function firstRightOf(tree, low, high, edge) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tree.x[middle] + tree.w[middle] > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The same, when it is likely to be near `low`.
function nextRightOf(tree, low, high, edge) {
  let step = 1;
  while (low + step < high && tree.x[low + step] + tree.w[low + step] <= edge) {
    low += step;
    step *= 2;
  }
  return firstRightOf(tree, low, Math.min(high, low + step + 1), edge);
}
