"use strict";
(() => {
  const data = JSON.parse(document.querySelector("#payload").textContent);
  const said = document.querySelector("#said");
  const say = (text) => { said.textContent = text; };

  // Copying. Where the clipboard is closed (a file opened from a mail), the text is selected instead.
  async function copy(source, button) {
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
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  }

  // Large files stand here compressed.
  async function textOf(file) {
    if (file.text !== undefined) return file.text;
    const bytes = Uint8Array.from(atob(file.gzip), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  }

  async function save(name) {
    const kind = name.endsWith(".csv") ? "text/csv" : "application/json";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await textOf(data.files[name])], { type: kind }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    say(`${name} saved`);
  }

  document.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied) copy(document.getElementById(copied.dataset.copy), copied);
    const file = event.target.closest("[data-file]");
    if (file) save(file.dataset.file);
  });

  // On paper everything but the single runs is unfolded.
  const folded = () => [...document.querySelectorAll("details[data-print]:not([open])")];
  let closed = [];
  addEventListener("beforeprint", () => { closed = folded(); closed.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { closed.forEach((d) => { d.open = false; }); closed = []; });

  // A fragment that names something folded unfolds it.
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const around = target && target.closest("details");
    if (around) { around.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", unfold);
  unfold();
})();
