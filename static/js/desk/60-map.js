/* Columns of a file are dragged onto our fields; the select of each field does the same. */
customElements.define(
  "column-map",
  class extends HTMLElement {
    connectedCallback() {
      const chips = this.querySelector(".chips");
      if (chips) chips.hidden = !matchMedia("(hover: hover)").matches;
      this.mark();
      this.addEventListener("change", () => this.mark());
      this.addEventListener("dragstart", (event) => {
        const chip = event.target.closest?.("[data-column]");
        if (!chip) return;
        event.dataTransfer.setData("text/plain", chip.dataset.column);
        event.dataTransfer.effectAllowed = "copy";
      });
      for (const kind of ["dragover", "dragleave", "drop"]) {
        this.addEventListener(kind, (event) => this.over(event, kind));
      }
    }

    over(event, kind) {
      const field = event.target.closest?.("[data-field]");
      if (!field) return;
      field.toggleAttribute("data-over", kind === "dragover");
      if (kind === "dragleave") return;
      event.preventDefault();
      if (kind !== "drop") return;
      const select = field.querySelector("select");
      select.value = event.dataTransfer.getData("text/plain");
      select.dispatchEvent(new Event("change", { bubbles: true }));
      select.focus();
    }

    // A constant is typed only where one is chosen; columns that are used are paler.
    mark() {
      const used = new Set();
      for (const field of this.querySelectorAll("[data-field]")) {
        const select = field.querySelector("select");
        used.add(select.value);
        field.querySelector(".const").hidden = select.value !== "=";
      }
      for (const chip of this.querySelectorAll("[data-column]")) {
        chip.toggleAttribute("data-used", used.has(chip.dataset.column));
      }
    }
  },
);
