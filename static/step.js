/* The small step against bots: a short sum, done in a worker, that goes on by itself. */
"use strict";

/** Numbers whose SHA-256 with the nonce begins with that many zero bits, `parts` of them. */
function solve(nonce, bits, parts) {
  const k = new Int32Array(64);
  const h = new Int32Array(8);
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (!prime) continue;
    if (found < 8) h[found] = (n ** (1 / 2) % 1) * 2 ** 32;
    k[found++] = (n ** (1 / 3) % 1) * 2 ** 32;
  }
  const start = new TextEncoder().encode(`${nonce}:`); // with eight digits less than one block
  const block = new DataView(new ArrayBuffer(64));
  start.forEach((byte, at) => block.setUint8(at, byte));
  block.setUint8(start.length + 8, 0x80);
  block.setUint32(60, (start.length + 8) * 8);
  const w = new Int32Array(64);
  const turn = (x, by) => (x >>> by) | (x << (32 - by));
  const found = [];
  for (let number = 10_000_000; found.length < parts; number++) {
    for (let at = start.length + 7, rest = number; at >= start.length; at--) {
      block.setUint8(at, 48 + (rest % 10));
      rest = (rest / 10) | 0;
    }
    for (let i = 0; i < 16; i++) w[i] = block.getInt32(4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, z] = h;
    for (let i = 0; i < 64; i++) {
      const one = (z + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      z = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    if ((a + h[0]) >>> (32 - bits) === 0) found.push(number);
  }
  return found;
}

if (typeof document === "undefined") {
  onmessage = ({ data: { nonce, bits, parts } }) => {
    const began = performance.now();
    postMessage({ work: solve(nonce, bits, parts).join(","), took: performance.now() - began });
  };
} else {
  const own = document.currentScript.src;
  customElements.define(
    "small-step",
    class extends HTMLElement {
      connectedCallback() {
        const form = this.querySelector("form");
        const say = this.querySelector("[data-say]");
        const work = form.elements.namedItem("work");
        const secret = form.querySelector("input[type=password]");
        const waiting = say.textContent;
        let pressed = !secret;
        let solving = true;
        const worker = new Worker(own);
        const end = (words) => {
          solving = false;
          say.textContent = words;
          worker.terminate();
        };
        form.addEventListener("submit", (event) => {
          if (!solving) return;
          event.preventDefault();
          pressed = true;
        });
        worker.onerror = () => end(waiting); // then it is a form to wait with
        worker.onmessage = ({ data }) => {
          work.value = data.work;
          this.dataset.took = Math.round(data.took);
          end(pressed ? say.dataset.doing : say.dataset.ready);
          if (pressed) form.requestSubmit();
        };
        say.textContent = say.dataset.doing;
        const { nonce, bits, parts } = this.dataset;
        worker.postMessage({ nonce, bits: Number(bits), parts: Number(parts) });
        secret?.focus();
      }
    },
  );
}
