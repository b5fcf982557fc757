// Inventering: when a line has been saved, the next one that is not counted yet gets the focus, so that one can go along the shelf.
(() => {
  "use strict";
  document.addEventListener("htmx:afterSettle", (event) => {
    const row = event.detail.elt.closest?.("[data-count-saved]");
    if (!row) return;
    let next = row.nextElementSibling;
    while (next && next.querySelector('[name="seen"]')?.value !== "0") next = next.nextElementSibling;
    const field = (next || row).querySelector("input:not([type=hidden]), textarea, button");
    if (field) field.focus();
  });
})();
