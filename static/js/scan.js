// Reads a label with the phone's camera into the field that data-scan names, where the browser can (BarcodeDetector). Nothing leaves the phone.
(() => {
  const box = document.querySelector("[data-scan]");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const field = document.getElementById(box.dataset.scan);
  const [button, video, text] = ["start", "video", "text"].map((name) => box.querySelector(`[data-scan-${name}]`));
  let stream = null;
  box.hidden = false;

  const stop = () => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
  };

  const look = async (detector) => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    if (found.length) {
      field.value = found[0].rawValue.trim();
      text.textContent = `Läste ${field.value}.`;
      stop();
      field.focus();
    } else {
      setTimeout(() => look(detector), 200);
    }
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
})();
