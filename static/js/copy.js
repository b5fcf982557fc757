// <button type="button" data-copy="text" hidden>: shown only where it can do its work. Puts the text on the clipboard and says so.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const live = document.getElementById("live");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.dataset.copied = "";
      setTimeout(() => delete button.dataset.copied, 2000);
      if (live) live.textContent = `${button.dataset.copy} är kopierat.`;
    } catch {
      if (live) live.textContent = "Det gick inte att kopiera. Markera numret i stället.";
    }
  });
})();
