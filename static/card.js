/* The card's page: kept on this device when the member asks for it, printed, and asked for anew once the net is back. */
{
  const SHELF = "member-card";
  const able = "serviceWorker" in navigator && "caches" in window;

  class Keeper extends HTMLElement {
    async connectedCallback() {
      if (!able) return;
      this.addEventListener("submit", this);
      const held = await caches.has(SHELF);
      this.show(this.hasAttribute("kept") && held);
    }

    show(kept) {
      this.querySelector("[data-keep]").hidden = kept;
      this.querySelector("[data-kept]").hidden = !kept;
      this.hidden = false;
    }

    async handleEvent(event) {
      event.preventDefault();
      const form = event.target;
      const keeps = form.matches("[data-keep]");
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        const fresh = await this.tell(form);
        if (keeps) await this.hold();
        else await this.loose();
        this.replaceWith(fresh);
        notices.say(this.getAttribute(keeps ? "said-kept" : "said-dropped"));
      } catch (problem) {
        console.warn(problem);
        button.disabled = false;
        notices.say(words.away, "stop");
      }
    }

    /** The shop first: it takes back what it knows of. Answers this element as the shop sees it then. */
    async tell(form) {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("card-keeper");
      if (answer.ok && fresh) return document.adoptNode(fresh);
      throw new Error(`the shop: ${answer.status}`);
    }

    async hold() {
      await navigator.serviceWorker.register(this.getAttribute("worker"), { scope: location.pathname });
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      const said = new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        setTimeout(resolve, 20000, "slow");
      });
      active.postMessage("keep", [port2]);
      if ((await said) !== "kept") throw new Error("not kept");
    }

    async loose() {
      await caches.delete(SHELF);
      await (await navigator.serviceWorker.getRegistration(location.pathname))?.unregister();
    }
  }

  customElements.define("card-keeper", Keeper);

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  if (document.querySelector("[data-offline]")) addEventListener("online", () => location.reload());
}
