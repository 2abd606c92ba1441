/* A passkey ceremony round an ordinary form: ask for options, talk to the browser, fill one hidden field, submit. */
{
  const SENTENCES = {
    NotAllowedError: words.dropped,
    AbortError: words.dropped,
    InvalidStateError: words.known,
    SecurityError: words.address,
  };
  const able = () => typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
  let waiting; // the autofill request of this page, at most one

  class PasskeyButton extends HTMLElement {
    connectedCallback() {
      this.form = this.querySelector("form");
      this.button = this.form?.querySelector("button");
      if (!this.form || !this.button) return;
      if (!able()) {
        const on = this.getAttribute("otherwise");
        if (on) return location.replace(on); // no offer of what can't be made
        this.form.hidden = true;
        this.say(words.missing);
        return;
      }
      this.form.addEventListener("submit", this);
      if (this.hasAttribute("conditional")) this.autofill();
    }

    disconnectedCallback() {
      this.form?.removeEventListener("submit", this);
      if (this.hasAttribute("conditional")) waiting?.abort();
    }

    get creates() {
      return this.getAttribute("mode") === "create";
    }

    async handleEvent(event) {
      if (this.form.elements.credential.value) return; // the ceremony is over: let the form go
      event.preventDefault();
      event.stopImmediatePropagation();
      waiting?.abort();
      this.quiet();
      this.button.disabled = true;
      try {
        await this.perform({});
      } catch (error) {
        this.say(SENTENCES[error.name] ?? error.sentence ?? words.failed);
      } finally {
        this.button.disabled = false;
      }
    }

    async autofill() {
      if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
      waiting = new AbortController();
      try {
        await this.perform({ mediation: "conditional", signal: waiting.signal });
      } catch (error) {
        if (!(error.name in SENTENCES)) console.warn(error);
      }
    }

    async perform(how) {
      const options = await this.options(how.signal);
      const credential = this.creates
        ? await navigator.credentials.create({
            ...how,
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey),
          })
        : await navigator.credentials.get({
            ...how,
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey),
          });
      this.form.elements.challenge_id.value = options.challenge_id;
      this.form.elements.credential.value = JSON.stringify(credential.toJSON());
      this.form.requestSubmit();
    }

    async options(signal) {
      const answer = await fetch(this.getAttribute("options-url"), {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
        signal,
      });
      if (answer.ok) return answer.json();
      const error = new Error(`options: ${answer.status}`);
      if (answer.headers.get("Content-Type")?.includes("json")) error.sentence = (await answer.json()).error;
      else if (answer.status === 403) error.sentence = words.stale;
      throw error;
    }

    say(sentence) {
      const place = this.querySelector("[data-passkey-error]") ?? this.appendChild(document.createElement("p"));
      place.setAttribute("role", "alert");
      if (this.form?.hidden && this.form.contains(place)) this.append(place);
      place.hidden = false;
      place.textContent = sentence;
    }

    quiet() {
      const place = this.querySelector("[data-passkey-error]");
      if (place) place.hidden = true;
    }
  }

  customElements.define("passkey-button", PasskeyButton);
  // Another form on its way ends the waiting autofill, so that it cannot answer into a page that is leaving.
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("passkey-button")) waiting?.abort();
  });
  // Back from another page: a used credential must not be sent twice.
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll('passkey-button input[name="credential"]')) field.value = "";
  });
}
