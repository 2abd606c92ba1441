/* Answers for the member card when there is no net. It stores nothing before the member asks, and drops all once the shop says so. */
const CARD = "/account/card";
const COPY = "/account/card/kept";
const SHELF = "member-card";
const PART = /(?:href|src)="(\/(?:static\/|brand\.css|logo\/)[^"]*)"/g;
const PATIENCE = 4000; // ms: a weak net is no net at a till

class Ended extends Error {}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data !== "keep" || !port) return;
  event.waitUntil(
    keep().then(
      () => port.postMessage("kept"),
      () => port.postMessage("failed"),
    ),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === CARD) event.respondWith(card(event));
  } else if (/^\/(static\/|brand\.css|logo\/)/.test(pathname)) {
    event.respondWith(kept(request).then((part) => part ?? fetch(request)));
  }
});

/** The card from the shop; the copy where the shop can't be reached. */
async function card(event) {
  const asked = fetch(event.request);
  asked.then((answer) => event.waitUntil(tend(answer))).catch(() => {});
  event.waitUntil(asked.catch(() => {}));
  const answer = await Promise.race([asked, after(PATIENCE)]).catch(() => null);
  if (answer && answer.status < 500) return answer;
  return (await kept(CARD)) ?? answer ?? asked;
}

/** What an answer of the shop means for the copy: made anew, gone, or as it was. */
async function tend(answer) {
  const left = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
  if (left || (answer.ok && answer.headers.get("Card-Kept") !== "yes")) return forget();
  if (answer.ok) return keep().catch((problem) => (problem instanceof Ended ? forget() : null));
}

/** Fetch the copy and what it is drawn with, and only then put it in the place of the earlier one. */
async function keep() {
  const page = await fetch(COPY, { cache: "no-store", redirect: "manual" });
  if (page.type === "opaqueredirect" || page.status === 403 || page.status === 404) throw new Ended();
  if (!page.ok) throw new Error(`the card: ${page.status}`);
  const parts = [...(await page.clone().text()).matchAll(PART)].map(([, part]) => part.replaceAll("&amp;", "&"));
  const answers = await Promise.all(parts.map((part) => fetch(part)));
  if (!answers.every((answer) => answer.ok)) throw new Error("a part is missing");
  const shelf = await caches.open(SHELF);
  await Promise.all(parts.map((part, place) => shelf.put(part, answers[place])));
  await shelf.put(CARD, page);
  const wanted = new Set([CARD, ...parts].map((part) => new URL(part, location).href));
  for (const old of await shelf.keys()) if (!wanted.has(old.url)) await shelf.delete(old);
}

async function kept(what) {
  if (!(await caches.has(SHELF))) return undefined;
  return (await caches.open(SHELF)).match(what, { ignoreVary: true });
}

async function forget() {
  await caches.delete(SHELF);
  await registration.unregister();
}

const after = (time) => new Promise((resolve) => setTimeout(resolve, time, null));
