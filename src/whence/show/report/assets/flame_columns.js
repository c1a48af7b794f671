// The packed columns of the noun as typed arrays. Numbers are doubles: exact up to 2^53 steps.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function inflated(base64, format) {
  return new Response(new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream(format)));
}

// `count` numbers from byte planes, lowest first; `signed` unfolds negative ones.
async function unpack(base64, count, signed) {
  const numbers = new Float64Array(count);
  if (!base64 || !count) return numbers;
  const planes = new Uint8Array(await inflated(base64, "deflate").arrayBuffer());
  for (let plane = planes.length / count - 1; plane >= 0; plane--) {
    const from = plane * count;
    for (let i = 0; i < count; i++) numbers[i] = numbers[i] * 256 + planes[from + i];
  }
  if (signed) {
    for (let i = 0; i < count; i++) numbers[i] = numbers[i] % 2 ? -(numbers[i] + 1) / 2 : numbers[i] / 2;
  }
  return numbers;
}

function times(numbers, step) {
  if (step !== 1) for (let i = 0; i < numbers.length; i++) numbers[i] *= step;
  return numbers;
}

// The tree in preorder: caller, end of the subtree, function row, own value and that of the subtree, of both sides.
async function readNodes(nodes, functions) {
  const count = nodes.count;
  const [up, coded, own, base] = await Promise.all([
    unpack(nodes.up, count), unpack(nodes.function, count), unpack(nodes.value, count, true),
    nodes.base ? unpack(nodes.base, count, true) : null,
  ]);
  const parent = new Int32Array(count);
  const end = new Int32Array(count);
  const fn = new Int32Array(count);
  const last = new Int32Array(functions + 1);
  const path = [];
  for (let i = 0; i < count; i++) {
    if (i) for (let drop = up[i]; drop > 0; drop--) end[path.pop()] = i;
    const above = path.length ? path[path.length - 1] : -1;
    const context = above < 0 ? 0 : fn[above] + 1;
    const row = coded[i] || last[context];
    last[context] = row;
    parent[i] = above;
    fn[i] = row - 1;
    path.push(i);
  }
  while (path.length) end[path.pop()] = count;
  times(own, nodes.step);
  if (base) times(base, nodes.step);
  return { count, functions, parent, end, fn, own, base, whole: sums(parent, own), wholeBase: base && sums(parent, base) };
}

function sums(parent, own) {
  const whole = Float64Array.from(own);
  for (let i = whole.length - 1; i >= 0; i--) if (parent[i] >= 0) whole[parent[i]] += whole[i];
  return whole;
}

// Chooses what a frame's width means: the candidate, the base, or both together. Negative values have no width.
function weigh(columns, side) {
  const { count, own, base } = columns;
  const ownWeight = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value = !base || side === "candidate" ? own[i] : side === "base" ? base[i] : own[i] + base[i];
    ownWeight[i] = value > 0 ? value : 0;
  }
  const plain = !base && own.every((value) => value >= 0);
  columns.ownWeight = ownWeight;
  columns.weight = plain ? columns.whole : sums(columns.parent, ownWeight);
}

// A text without what could reorder or hide it.
function cleaned(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}

async function readFunctions(graph) {
  const { functions, nodes } = graph;
  const count = functions.name.length;
  const name = functions.name.map(cleaned);
  const side = async (packed) => (packed ? times(await unpack(packed, count, true), nodes.step) : null);
  const [flat, cum, baseFlat, baseCum, packages, roles] = await Promise.all([
    side(functions.flat), side(functions.cum), side(functions.base_flat), side(functions.base_cum),
    unpack(functions.package, count), unpack(functions.role, count),
  ]);
  return {
    count, name, flat, cum, baseFlat, baseCum, packages, roles,
    short: name.map((text) => text.slice(pathEnd(text))),
    ratio: functions.ratio || [], low: functions.low || [], high: functions.high || [],
    p: functions.p_adjusted || [], verdict: functions.verdict || [],
  };
}

// Where the path of a Go name ends: `example.org/a/b.(*T[example.org/c.U]).M` is read as `b.(*T[…]).M`.
function pathEnd(name) {
  const stop = name.search(/[[(]/);
  return name.lastIndexOf("/", stop < 0 ? name.length : stop) + 1;
}
