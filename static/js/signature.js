// [data-signature]: a field to sign in with finger, pen or mouse. Strokes are kept as numbers (data-width wide) in the input [data-strokes],
// from which the server draws the picture. Shown only where it can do its work: without this one signs by writing the name.
(() => {
  "use strict";
  const NEAR = 2;
  function bind(box) {
    const [canvas, input] = ["canvas", "[data-strokes]"].map((part) => box.querySelector(part));
    const [width, height] = [Number(box.dataset.width), Number(box.dataset.height)];
    const pen = canvas.getContext("2d");
    let [strokes, drawing] = [[], false];
    try { strokes = JSON.parse(input.value || "[]"); } catch { /* The server has said what is wrong with it. */ }

    function draw() {
      canvas.width = canvas.clientWidth * devicePixelRatio; // also wipes it
      canvas.height = canvas.clientHeight * devicePixelRatio;
      pen.scale(canvas.width / width, canvas.height / height);
      Object.assign(pen, { lineWidth: 6, lineCap: "round", lineJoin: "round", strokeStyle: "#111", fillStyle: "#111" });
      pen.beginPath();
      for (const stroke of strokes) {
        pen.moveTo(stroke[0], stroke[1]);
        for (let at = 0; at < stroke.length; at += 2) pen.lineTo(stroke[at], stroke[at + 1]);
      }
      pen.stroke();
    }

    function add(event, isFirst) {
      const place = canvas.getBoundingClientRect();
      const within = (part, most) => Math.round(Math.min(Math.max(part, 0), 1) * most);
      const [x, y] = [within((event.clientX - place.left) / place.width, width), within((event.clientY - place.top) / place.height, height)];
      const stroke = strokes.at(-1);
      if (isFirst || Math.hypot(x - stroke.at(-2), y - stroke.at(-1)) >= NEAR) stroke.push(x, y);
    }

    function keep() {
      drawing = false;
      input.value = strokes.length ? JSON.stringify(strokes) : "";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }

    canvas.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button) return;
      canvas.setPointerCapture(event.pointerId);
      drawing = Boolean(strokes.push([]));
      add(event, true);
      draw();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing || !event.isPrimary) return;
      for (const step of event.getCoalescedEvents?.() ?? [event]) add(step, false);
      draw();
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { if (drawing) keep(); });
    box.querySelector("[data-clear]").addEventListener("click", () => { strokes = []; draw(); keep(); });
    new ResizeObserver(draw).observe(canvas); // turned phone, and when it is shown
    box.hidden = false;
  }
  const all = () => document.querySelectorAll("[data-signature]").forEach(bind);
  all();
  document.addEventListener("form:swapped", all);
})();
