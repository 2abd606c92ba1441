/* What every htmx request shares: the CSRF token, calm failures, a short fade, a sensible focus. */
const words = JSON.parse(document.body.dataset.words || "{}"); // translated by the server
const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

const notices = {
  /** Show one sentence in the live region, in the place of earlier ones. */
  say(sentence, kind = "good") {
    const notice = document.createElement("p");
    notice.className = kind === "stop" ? "notice stop" : "notice";
    notice.textContent = sentence;
    document.getElementById("notices")?.replaceChildren(notice);
  },
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET") ctx.request.headers["X-CSRFToken"] = csrfToken();
});

// A whole error page never lands inside a card: the card stays, the sentence is said.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const status = ctx?.response?.status ?? 200;
  if (status < 400 || status === 422) return;
  const answer = new DOMParser().parseFromString(ctx.text ?? "", "text/html");
  if (answer.querySelector(".notice")) return;
  event.preventDefault();
  const sentence = answer.querySelector("main p")?.textContent.trim();
  notices.say(sentence || words.failed, "stop");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.request?.method !== "GET") {
    notices.say(words.away, "stop");
  }
});

const still = matchMedia("(prefers-reduced-motion: reduce)");

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const target = ctx?.target;
  const shown = target?.isConnected ? target : target?.id && document.getElementById(target.id);
  const morphed = /morph/i.test(ctx?.swap ?? ""); // a card that polls keeps still
  if (shown && !morphed && !still.matches) shown.animate([{ opacity: 0.35 }, { opacity: 1 }], 120);
  shown?.querySelector(".errors")?.focus();
});

// After "Show more" the keyboard goes on at the first new row.
document.addEventListener("click", (event) => {
  const more = event.target.closest?.(".more");
  const list = more?.closest(".rows, .stream");
  if (!list || event.detail > 0) return;
  const before = list.children.length - 1;
  document.addEventListener(
    "htmx:after:swap",
    () => list.children[before]?.querySelector("a, button")?.focus(),
    { once: true },
  );
});
