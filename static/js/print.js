// <button type="button" data-print hidden>: shown only where it can do its work, since printing needs a script. Also in what htmx swaps in.
(() => {
  "use strict";
  function show() {
    for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
  }
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("htmx:afterSwap", show);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
})();
