// A second press of a form's button does nothing while the first is on its way. Binds: every form with method="post";
// `data-submit-many` on the form opts out. The server guards by itself; this only spares the reader a surprise.
(() => {
  "use strict";
  const RELEASE_MS = 10000; // the reader may have pressed Stop
  const sent = new Set();

  function mark(form, busy) {
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      // Not `disabled`: that would drop the pressed button's own value from what is sent.
      busy ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
    }
    busy ? sent.add(form) : sent.delete(form);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-submit-many")) return;
    if (sent.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    mark(form, true);
    setTimeout(() => mark(form, false), RELEASE_MS);
  }, true);

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) mark(form, false);
  });

  // The Back button may bring the page back as it was left.
  addEventListener("pageshow", () => [...sent].forEach((form) => mark(form, false)));
})();
