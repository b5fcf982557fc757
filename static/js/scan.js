// Reads a label with the phone's camera into the field that data-scan names, where the browser can (BarcodeDetector). Nothing leaves the phone.
// data-scan-then="id": that button is pressed when a label was read. data-scan-more: each label becomes a line of its own, once.
(() => {
  "use strict";
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;

  function bind(box) {
    const field = document.getElementById(box.dataset.scan);
    const [button, video, text] = ["start", "video", "text"].map((name) => box.querySelector(`[data-scan-${name}]`));
    let stream = null;
    box.hidden = false;

    const stop = () => {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      stream = null;
      video.hidden = true;
    };

    const take = (value) => {
      const before = "scanMore" in box.dataset ? field.value.split("\n").filter((line) => line.trim()) : [];
      field.value = [...before.filter((line) => line !== value), value].join("\n");
      text.textContent = `Läste ${value}.`;
      stop();
      field.focus();
      document.getElementById(box.dataset.scanThen)?.click();
    };

    const look = async (detector) => {
      if (!stream) return;
      const found = await detector.detect(video).catch(() => []);
      if (found.length) take(found[0].rawValue.trim());
      else setTimeout(() => look(detector), 200);
    };

    button.addEventListener("click", async () => {
      if (stream) return stop();
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      } catch {
        text.textContent = "Kameran kan inte användas. Skriv numret i stället.";
        return;
      }
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      text.textContent = "Håll kameran över etiketten.";
      look(new BarcodeDetector());
    });
    addEventListener("pagehide", stop);
  }

  document.querySelectorAll("[data-scan]").forEach(bind);
})();
