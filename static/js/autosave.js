// <form data-autosave="address">: what is typed is saved by itself, a moment after the last letter. What could not be saved stays on the page
// and is tried again; leaving with something unsaved is asked about. `[data-autosave-status]` in the form says how it went.
(() => {
  "use strict";
  const WAIT_MS = 1200;
  const RETRY_MS = 5000;
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0;
  let changes = 0;
  let saved = 0;
  let stopped = false;

  function tell(text, aloud) {
    status.textContent = text;
    const live = document.getElementById("live");
    if (aloud && live) live.textContent = text;
  }

  async function save() {
    const upTo = changes;
    const data = new FormData(form);
    data.delete("files");
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: data, redirect: "error", signal: AbortSignal.timeout(10000) });
      if (stopped) return;
      if (answer.status === 200) {
        saved = upTo;
        tell((await answer.json()).text, false);
        if (changes > saved) timer = setTimeout(save, WAIT_MS);
        return;
      }
      if (answer.status === 409) {
        stopped = true;
        tell((await answer.json()).text, true);
        return;
      }
      throw new Error(String(answer.status));
    } catch {
      if (stopped) return;
      tell("Inte sparat. Du är utan nät eller utloggad. Det du skrev står kvar här och sparas när det går.", true);
      timer = setTimeout(save, RETRY_MS);
    }
  }

  form.addEventListener("input", (event) => {
    if (stopped || event.target.type === "search" || event.target.type === "file") return;
    changes += 1;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_MS);
  });
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { stopped = false; });
  addEventListener("beforeunload", (event) => { if (!stopped && changes > saved) event.preventDefault(); });
})();
