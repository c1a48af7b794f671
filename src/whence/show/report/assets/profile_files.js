// Copying, and the files that the page offers: those that stand in it, and those that are made of what it holds.

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

function topJson(graph, functions) {
  const rows = functions.name.map((name, i) => {
    const row = { name, flat: functions.flat[i], cum: functions.cum[i] };
    if (functions.baseFlat) Object.assign(row, { base_flat: functions.baseFlat[i], base_cum: functions.baseCum[i] });
    if (functions.verdict.length) {
      Object.assign(row, { ratio: functions.ratio[i], low: functions.low[i], high: functions.high[i], p_adjusted: functions.p[i], verdict: functions.verdict[i] });
    }
    return row;
  });
  rows.sort((a, b) => b.flat - a.flat || b.cum - a.cum || (a.name < b.name ? -1 : 1));
  return JSON.stringify({ schema: "whence.profile-top/1", sample_type: graph.sample_type, unit: graph.unit, total: graph.total, functions: rows }, null, 1);
}

function functionsCsv(graph, functions) {
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const columns = [["name", functions.name], ["flat", functions.flat], ["cum", functions.cum]];
  if (functions.baseFlat) columns.push(["base_flat", functions.baseFlat], ["base_cum", functions.baseCum]);
  if (functions.verdict.length) for (const key of ["ratio", "low", "high", "p", "verdict"]) columns.push([key, functions[key]]);
  if (graph.packages.length) columns.push(["package", Array.from(functions.packages, (row) => graph.packages[row])]);
  if (graph.roles.length) columns.push(["role", Array.from(functions.roles, (row) => graph.roles[row])]);
  const lines = [columns.map(([head]) => head).join(",")];
  for (let i = 0; i < functions.count; i++) lines.push(columns.map(([, values]) => quoted(values[i])).join(","));
  return `${lines.join("\n")}\n`;
}

// One stack a line, outermost first, with what was sampled in its last frame; pieces, since it may be long.
function foldedText(columns, functions) {
  const { count, parent, fn, own } = columns, pieces = [], stacks = [];
  const names = functions.name.map((name) => name.replace(/[;\n\r]/g, ":"));
  const depths = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    depths[i] = parent[i] < 0 ? 0 : depths[parent[i]] + 1;
    stacks.length = depths[i];
    stacks.push(names[fn[i]]);
    if (own[i]) pieces.push(`${stacks.join(";")} ${own[i]}\n`);
  }
  return pieces;
}
