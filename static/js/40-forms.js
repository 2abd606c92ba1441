/* Small comforts of forms: sent once, counted, copied, errors in focus. */
{
  // A form on its way cannot be sent a second time; Back brings the button to life again.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    const upload = form.getAttribute("target") || form.hasAttribute("data-repeatable") || form.method === "get";
    if (upload) return;
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
  });

  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    }
  });

  customElements.define(
    "character-count",
    class extends HTMLElement {
      connectedCallback() {
        const field = this.querySelector("textarea, input");
        if (!(field?.maxLength > 0) || this.querySelector(".count")) return;
        const count = document.createElement("small");
        count.className = "count";
        count.setAttribute("aria-live", "polite");
        const tell = () => {
          const left = field.maxLength - field.value.length;
          count.textContent = left <= field.maxLength / 4 ? words.left.replace("#", left) : "";
        };
        field.addEventListener("input", tell);
        tell();
        field.after(count);
      }
    },
  );

  customElements.define(
    "copy-text",
    class extends HTMLElement {
      connectedCallback() {
        const text = this.querySelector("code, output");
        if (!text || !navigator.clipboard || this.querySelector("button")) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "link";
        button.textContent = words.copy;
        button.addEventListener("click", async () => {
          await navigator.clipboard.writeText(text.textContent.trim());
          notices.say(words.copied);
        });
        this.append(button);
      }
    },
  );

  document.querySelector(".errors")?.focus();
}
