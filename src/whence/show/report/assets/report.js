"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = JSON.parse($("#payload").textContent);
  const runs = data.runs;
  const said = $("#said");

  const say = (text) => { said.textContent = text; };
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // Copying. Where the clipboard is closed (a file opened from a mail), the text is selected instead.
  async function copy(source, button) {
    const text = source.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      const selection = getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
      say(button.textContent);
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(document.getElementById(button.dataset.copy), button);
  });

  // Downloads.
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  function runsCsv() {
    const rows = [["run", "kind", "used", "variant", "block", "attempt", "position", "started_at", "seconds", "outcome",
      "layout_seed", "calibration_before_s", "calibration_after_s", "metric", "benchmark", "unit", "value"]];
    runs.id.forEach((id, i) => {
      const head = [id, runs.kind[i], runs.reasons[runs.reason[i]] === "", runs.names[runs.variant[i]], runs.block[i],
        runs.attempt[i], runs.position[i], runs.started_at[i], runs.seconds[i], runs.outcome[i], runs.layout[i],
        runs.before[i], runs.after[i]];
      let written = false;
      runs.metrics.forEach((metric, m) => {
        if (runs.values[m][i] === null) return;
        written = true;
        rows.push([...head, metric.metric, metric.benchmark, metric.unit, runs.values[m][i]]);
      });
      if (!written) rows.push([...head, "", "", "", ""]);
    });
    return rows.map((row) => row.map(quoted).join(",")).join("\n") + "\n";
  }
  async function contents(name) {
    if (name === "runs.csv") return runsCsv();
    const file = data.files[name];
    if (file.text !== undefined) return file.text;
    const bytes = Uint8Array.from(atob(file.gzip), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }
  $$("[data-file]").forEach((button) => button.addEventListener("click", async () => {
    const name = button.dataset.file;
    const link = element("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([await contents(name)], { type: name.endsWith("json") ? "application/json" : "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 4000);
    say(`${name} saved`);
  }));

  // On paper the method is unfolded; what else was folded stays so.
  addEventListener("beforeprint", () => $$("details[data-print]:not([open])").forEach((d) => { d.open = true; d.dataset.folded = ""; }));
  addEventListener("afterprint", () => $$("details[data-folded]").forEach((d) => { d.open = false; delete d.dataset.folded; }));

  const chart = $(".chart");
  const panels = $$(".panel");
  const card = $("#run");
  let current = null;
  let kept = null;

  // Numbers as the page writes them.
  const steps = { B: [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["kB", 1e3], ["B", 1]], s: [["s", 1], ["ms", 1e-3], ["µs", 1e-6], ["ns", 1e-9]] };
  function amount(value, unit) {
    if (value === null || value === undefined) return "–";
    const scale = steps[unit];
    if (!scale) return `${Number(value.toPrecision(6)).toLocaleString("en", { maximumSignificantDigits: 6 })} ${unit === "count" ? "" : unit}`.trim();
    const [name, size] = scale.find(([, s]) => Math.abs(value) >= s) || scale[scale.length - 1];
    return `${(value / size).toLocaleString("en", { maximumSignificantDigits: 5 })} ${name}`;
  }

  function fact(list, name, value) {
    const box = element("div");
    box.append(element("dt", name), element("dd", value));
    list.append(box);
  }
  const metricOf = (panel) => Number(panel.dataset.metric);
  const panelOn = () => panels.find((p) => p.classList.contains("on"));

  function fill(i, panel) {
    const metric = runs.metrics[metricOf(panel)];
    const name = metric.benchmark ? `${metric.benchmark}:${metric.metric}` : metric.metric;
    const head = element("h4", runs.variants[runs.variant[i]]);
    head.append(element("code", runs.id[i]));
    const list = element("dl", null, "facts");
    fact(list, name, amount(runs.values[metricOf(panel)][i], metric.unit));
    fact(list, "Took", amount(runs.seconds[i], "s"));
    fact(list, "Outcome", runs.endings[runs.ending[i]]);
    const reason = runs.reasons[runs.reason[i]];
    fact(list, "Place", `block ${runs.block[i] + 1}${runs.attempt[i] ? `, attempt ${runs.attempt[i] + 1}` : ""}, position ${runs.position[i] + 1}${reason ? `; not used: ${reason}` : ""}`);
    fact(list, "Started", new Date(runs.started_at[i] * 1000).toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC"));
    fact(list, "Calibration before, after", `${amount(runs.before[i], "s")}, ${amount(runs.after[i], "s")}`);
    if (runs.layout[i] !== null) fact(list, "Layout seed", String(runs.layout[i]));
    runs.host_keys.forEach((key, k) => {
      const value = runs.host[k][i];
      if (value !== null) fact(list, key, amount(value, /[-_]s$/.test(key) ? "s" : ""));
    });
    const command = element("div", null, "command");
    const code = element("code");
    runs.commands[runs.command[i]].split(" ").forEach((word, w) => code.append(w ? " " : "", element("span", word)));
    code.id = "run-command";
    code.tabIndex = 0;
    const button = element("button", "Copy", "copy");
    button.type = "button";
    button.dataset.copy = "run-command";
    command.append(code, button);
    card.replaceChildren(head, list, command);
    card.hidden = false;
  }

  function show(i, panel) {
    const dot = panel && $(`use[data-r="${i}"]`, panel);
    if (!dot) return;
    current = i;
    const x = dot.getAttribute("x");
    const ring = $(".ring", panel);
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", dot.getAttribute("y"));
    [panel, $(".spins")].filter(Boolean).forEach((box) => {
      box.classList.add("lit");
      const cross = $(".cross", box);
      cross.setAttribute("x1", x);
      cross.setAttribute("x2", x);
    });
    fill(i, panel);
  }
  function speak(i, panel) {
    const metric = runs.metrics[metricOf(panel)];
    say(`${runs.variants[runs.variant[i]]}, ${amount(runs.values[metricOf(panel)][i], metric.unit)}, run ${runs.id[i]}`);
  }
  function keep(i, panel) {
    kept = i;
    show(i, panel);
    history.replaceState(null, "", `#run=${encodeURIComponent(runs.id[i])}`);
  }
  function dotsOf(panel) {
    return $$("g:not(.faded) > use", panel).map((dot) => Number(dot.dataset.r)).sort((a, b) => a - b);
  }
  function nearest(event, panel) {
    let best = null;
    let distance = 40 * 40;
    for (const dot of $$("g:not(.faded) > use", panel)) {
      const box = dot.getBoundingClientRect();
      const across = box.x + box.width / 2 - event.clientX;
      const down = box.y + box.height / 2 - event.clientY;
      // Time counts more than height: the pointer is moved along the order of runs.
      const far = across * across * 2 + down * down;
      if (far < distance) { distance = far; best = Number(dot.dataset.r); }
    }
    return best;
  }
  function key(event, panel) {
    const order = dotsOf(panel);
    if (!order.length) return;
    const at = order.indexOf(current);
    const moves = { ArrowRight: at + 1, ArrowLeft: at < 0 ? 0 : at - 1, Home: 0, End: order.length - 1, PageDown: at + 10, PageUp: at - 10 };
    if (event.key in moves) {
      event.preventDefault();
      show(order[Math.max(0, Math.min(order.length - 1, moves[event.key]))], panel);
      speak(current, panel);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (current === null) show(order[0], panel);
      keep(current, panel);
      $("#run-command").focus();
    } else if (event.key === "Escape") {
      forget();
    }
  }
  function forget() {
    current = kept = null;
    hint();
    $$(".lit").forEach((box) => box.classList.remove("lit"));
  }

  // Before a run is chosen its place says how to choose one, so that the page does not jump when it appears.
  function hint() {
    card.replaceChildren(element("p", "Point at a mark, or focus the chart and use the arrow keys: here stands what is known of that run, and its command.", "say"));
    card.hidden = false;
  }

  function select(id) {
    const chosen = panels.find((panel) => panel.id === id);
    if (!chosen) return false;
    panels.forEach((panel) => panel.classList.toggle("on", panel === chosen));
    $$(".tabs a").forEach((link) => {
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (current !== null) show(current, chosen);
    return true;
  }
  function follow() {
    let name;
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = document.getElementById(name);
    const folded = target && target.closest("details");
    if (folded) folded.open = true;
    if (select(name)) { $("#runs").scrollIntoView(); return; }
    if (name.startsWith("run=") && chart) {
      const i = runs.id.indexOf(name.slice(4));
      if (i >= 0) { keep(i, panelOn()); $("#runs").scrollIntoView(); }
    }
  }

  if (chart && panels.length) {
    chart.classList.add("live");
    panels[0].classList.add("on");
    hint();
    for (const panel of panels) {
      const field = $(".field", panel);
      field.addEventListener("pointermove", (event) => {
        const i = nearest(event, panel);
        if (i !== null && i !== current) show(i, panel);
      });
      field.addEventListener("pointerleave", () => { if (kept !== null) show(kept, panel); });
      field.addEventListener("click", (event) => {
        const i = nearest(event, panel);
        if (i !== null) keep(i, panel);
      });
      field.addEventListener("keydown", (event) => key(event, panel));
      field.addEventListener("focus", () => {
        if (!field.matches(":focus-visible")) return;
        if (current === null) current = dotsOf(panel)[0] ?? null;
        if (current !== null) show(current, panel);
      });
    }
    $$("[data-variant]").filter((node) => node.tagName === "BUTTON").forEach((button) => button.addEventListener("click", () => {
      const only = button.getAttribute("aria-pressed") !== "true";
      $$(".variants button").forEach((other) => other.setAttribute("aria-pressed", String(only && other === button)));
      $$(".panel g[data-variant]").forEach((group) => group.classList.toggle("faded", only && group.dataset.variant !== button.dataset.variant));
    }));
    addEventListener("keydown", (event) => { if (event.key === "Escape") forget(); });
  }
  addEventListener("hashchange", follow);
  follow();
})();
