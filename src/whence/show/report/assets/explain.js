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

  function save(name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data.files[name].text], { type: "application/json" }));
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

  // A fragment that names something folded unfolds it.
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) { folded.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", unfold);
  unfold();
})();
