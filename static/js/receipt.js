// <form data-keep>: sent with fetch, so that all that was filled in, chosen and drawn stays on the page when the network, the server or the login
// is gone, and can be sent again; the form's own key makes that safe. Nothing is kept anywhere but on the page itself: the phone may be shared.
(() => {
  "use strict";
  const PATIENCE_MS = 60000; // photos over a bad connection
  let [busy, changed] = [false, false];

  function tell(form, what) {
    for (const notice of form.querySelectorAll("[data-told]")) notice.hidden = notice.dataset.told !== what;
    form.querySelector(`[data-told="${what}"]`)?.scrollIntoView({ block: "nearest" });
  }

  // Who logs in again, in another tab, gets another token: the page's old one is worth nothing any more.
  async function renew(form) {
    const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.type === "opaqueredirect") throw new Error("login");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    form.elements.csrfmiddlewaretoken.value = page.querySelector("form[data-keep]").elements.csrfmiddlewaretoken.value;
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = document.adoptNode(page.querySelector("main"));
    document.querySelector("main").replaceWith(main);
    document.title = page.title;
    document.dispatchEvent(new Event("form:swapped", { bubbles: true }));
    (main.querySelector("[autofocus]") ?? main).focus();
  }

  // Where one can draw, one does, unless another way is chosen.
  function suggest() { if (!document.querySelector("[name=signing]:checked")) document.querySelector("[name=signing][value=DRAWN]")?.click(); }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-keep]")) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    tell(form, "sending");
    try {
      if ("renew" in form.dataset) await renew(form);
      const body = new FormData(form, event.submitter);
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", headers: { "X-Keeps-Page": "1" }, signal: AbortSignal.timeout(PATIENCE_MS) });
      const isPage = [200, 409].includes(answer.status);
      if (isPage && answer.headers.get("Content-Type").startsWith("application/json")) {
        changed = false;
        location.assign((await answer.json()).url);
      } else if (isPage) show(await answer.text());
      else throw new Error(answer.type === "opaqueredirect" || answer.status === 403 ? "login" : "away");
    } catch (error) {
      form.toggleAttribute("data-renew", error.message === "login" || "renew" in form.dataset);
      tell(form, error.message === "login" ? "login" : "away");
    } finally { busy = false; }
  });
  // Enter in a field would press the page's first button.
  document.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("[data-keep] input[type=text]:not([name=number])")) event.preventDefault(); });
  for (const name of ["DOMContentLoaded", "form:swapped"]) document.addEventListener(name, suggest);
  document.addEventListener("input", (event) => { changed ||= Boolean(event.target.closest("[data-keep]")); });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
