// Numbers as the page writes them: three significant digits, decimal multiples of bytes and seconds.

const MINUS = "−", MISSING = "–";
const STEPS = {
  B: [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3], ["B", 1]],
  s: [["s", 1], ["ms", 1e-3], ["µs", 1e-6], ["ns", 1e-9]],
};
const IN_SECONDS = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 };

// Whole numbers are written whole, others with three digits, trailing zeros kept so that columns can be compared.
function three(value) {
  const size = Math.abs(value);
  const text = Number.isInteger(size) || size >= 100
    ? Math.round(size).toLocaleString("en")
    : size.toLocaleString("en", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  return value < 0 ? MINUS + text : text;
}

function amountOf(value, unit) {
  const seconds = unit in IN_SECONDS, scale = STEPS[seconds ? "s" : unit];
  if (!scale) return unit === "count" || !unit ? three(value) : `${three(value)} ${unit}`;
  if (!value) return `0 ${unit}`;
  const measured = seconds ? value * IN_SECONDS[unit] : value;
  const [name, size] = scale.find(([, least]) => Math.abs(measured) >= least * 0.9995) || scale[scale.length - 1];
  const scaled = measured / size;
  return `${size === 1 && !seconds ? three(value) : three(Number.isInteger(scaled) ? scaled + (scaled < 0 ? -1e-9 : 1e-9) : scaled)} ${name}`;
}

function percentOf(part, whole) {
  if (!whole) return MISSING;
  const share = 100 * part / whole;
  return share === 0 ? "0 %" : share === 100 ? "100 %" : `${three(share + 1e-12)} %`;
}

function ratioText(ratio, low, high) {
  if (ratio === null || ratio === undefined) return MISSING;
  const width = low === null || high === null ? 1 : high - low;
  const decimals = Math.min(4, Math.max(ratio < 10 ? 2 : ratio < 100 ? 1 : 0, width > 0 ? Math.ceil(-Math.log10(width)) : 2));
  const text = `×${ratio.toFixed(decimals)}`;
  return low === null || high === null ? text : `${text} [${low.toFixed(decimals)}, ${high.toFixed(decimals)}]`;
}
const signed = (value, text) => (value > 0 ? `+${text}` : text);

// A search is a part of the text in any case, or /regex/; null when it is no regex yet.
function matcher(query) {
  const inner = /^\/(.+?)\/?([i]*)$/.exec(query);
  if (!inner) {
    const part = query.toLowerCase();
    return (text) => text.toLowerCase().includes(part);
  }
  try {
    const pattern = new RegExp(inner[1], inner[2]);
    return (text) => pattern.test(text);
  } catch {
    return null;
  }
}
