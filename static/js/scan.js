// Reads labels with the phone's camera, where the browser can (BarcodeDetector). Nothing leaves the phone.
// data-scan="id of a field": one label, into the field. data-scan-many: label after label, each ticked among the page's [data-labels];
// its button [data-scan-find] does the same with what is written in [data-scan-number], and asks the server only about what is not there.
(() => {
  "use strict";
  const [AGAIN_MS, LOOK_MS] = [2000, 200]; // the same label stays before the camera for a while
  function bind(box) {
    const field = document.getElementById(box.dataset.scan ?? box.dataset.scanMany);
    const [button, video, text] = ["start", "video", "text"].map((name) => box.querySelector(`[data-scan-${name}]`));
    let [stream, last, lastAt] = [null, "", 0];
    function tick(number) {
      const item = document.querySelector(`[data-labels~="${CSS.escape(number)}"]`);
      if (!item) return false;
      item.querySelector("[type=checkbox]:not(:checked)")?.click();
      text.textContent = `${item.dataset.name} är ikryssad.`;
      return true;
    }

    box.querySelector("[data-scan-find]")?.addEventListener("click", (event) => {
      if (!tick(field.value.trim())) return;
      event.preventDefault();
      field.value = "";
    });
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    button.hidden = box.hidden = false;

    const stop = () => { stream?.getTracks().forEach((track) => track.stop()); stream = null; video.hidden = true; };
    function read(number) {
      if (!("scanMany" in box.dataset)) {
        [field.value, text.textContent] = [number, `Läste ${number}.`];
        stop();
        field.focus();
      } else if (number !== last || Date.now() - lastAt > AGAIN_MS) {
        if (!tick(number)) text.textContent = `${number} finns inte bland patientens hjälpmedel.`;
        [last, lastAt] = [number, Date.now()];
      }
    }

    async function look(detector) {
      for (const found of await detector.detect(video).catch(() => [])) read(found.rawValue.trim());
      if (stream) setTimeout(() => look(detector), LOOK_MS);
    }

    button.addEventListener("click", async () => {
      if (stream) return stop();
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
      text.textContent = stream ? "Håll kameran över etiketten." : "Kameran kan inte användas. Skriv numret i stället.";
      if (!stream) return;
      [video.srcObject, video.hidden] = [stream, false];
      await video.play();
      look(new BarcodeDetector());
    });
    for (const name of ["pagehide", "form:swapped"]) addEventListener(name, stop);
  }
  const all = () => document.querySelectorAll("[data-scan], [data-scan-many]").forEach(bind);
  all();
  document.addEventListener("form:swapped", all);
})();
