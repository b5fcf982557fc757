// What changes without a page load is told: `data-announce="text"` in what was swapped in goes to the live region (#live),
// and a fetch that fails says so. A new error summary takes the focus by its own autofocus attribute, which htmx obeys.
(() => {
  "use strict";

  function say(text) {
    const live = document.getElementById("live");
    if (live && text) live.textContent = text;
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const root = event.detail.elt;
    const told = root.matches("[data-announce]") ? root : root.querySelector("[data-announce]");
    if (told) say(told.dataset.announce);
  });

  // A fetch that ends on another page (the login, after a timeout) must not be put inside this one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!xhr.responseURL || requestConfig.verb !== "get") return;
    const asked = new URL(requestConfig.path, location.href);
    if (new URL(xhr.responseURL).pathname !== asked.pathname) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  const FAILED = "Sidan kunde inte uppdateras. Ladda om sidan för att se det senaste.";
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => say(FAILED));
  }
})();
