// <input type="file" data-photos>: a phone's photo is made smaller before it is sent, so that it gets through where the network is bad.
// What the browser cannot read is sent as it is: the server decides what is let in.
(() => {
  "use strict";
  const LONGEST_SIDE = 1600;
  const SMALL_ENOUGH = 500_000;

  async function smaller(file) {
    if (file.size <= SMALL_ENOUGH) return file;
    try {
      const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(photo.width, photo.height));
      const canvas = new OffscreenCanvas(Math.round(photo.width * scale), Math.round(photo.height * scale));
      canvas.getContext("2d").drawImage(photo, 0, 0, canvas.width, canvas.height);
      const drawn = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
      return drawn.size < file.size ? new File([drawn], "foto.jpg", { type: "image/jpeg" }) : file;
    } catch {
      return file;
    }
  }

  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("[data-photos]")) return;
    const chosen = new DataTransfer();
    for (const file of await Promise.all([...input.files].map(smaller))) chosen.items.add(file);
    input.files = chosen.files;
  });
})();
