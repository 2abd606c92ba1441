/* Files for import: dropped or chosen, sent in slices that go on after a break. Without this script it is a plain form. */
{
  const SLICE = 1 << 20;
  const TRIES = 8;
  const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  class Stopped extends Error {}

  customElements.define(
    "file-drop",
    class extends HTMLElement {
      connectedCallback() {
        this.said = JSON.parse(this.dataset.said);
        this.form = this.querySelector("form");
        this.input = this.querySelector("input[type=file]");
        this.list = this.querySelector(".sending");
        this.querySelector(".acts").hidden = true;
        this.form.addEventListener("submit", (event) => {
          event.preventDefault();
          this.send([...this.input.files]);
        });
        this.input.addEventListener("change", () => this.send([...this.input.files]));
        this.droppable(this);
      }

      droppable(place) {
        let depth = 0;
        const files = (event) => event.dataTransfer?.types.includes("Files");
        place.addEventListener("dragenter", (event) => {
          if (files(event)) this.classList.toggle("over", ++depth > 0);
        });
        place.addEventListener("dragleave", () => this.classList.toggle("over", --depth > 0));
        place.addEventListener("dragover", (event) => files(event) && event.preventDefault());
        place.addEventListener("drop", (event) => {
          if (!files(event)) return;
          event.preventDefault();
          depth = 0;
          this.classList.remove("over");
          this.send([...event.dataTransfer.files]);
        });
      }

      /** Send files one after the other; then show what came of them. */
      async send(files) {
        if (!files.length || this.busy) return;
        this.busy = true;
        this.list.hidden = false;
        const rows = files.map((file) => this.row(file));
        const pages = [];
        for (const [place, file] of files.entries()) {
          try {
            pages.push(await this.sendOne(file, rows[place]));
          } catch (problem) {
            if (!(problem instanceof Stopped)) throw problem;
            rows[place].fail(problem.message);
          }
        }
        this.busy = false;
        this.input.value = "";
        if (pages.length === files.length) location.assign(pages.length === 1 ? pages[0] : this.form.baseURI);
      }

      row(file) {
        const row = document.createElement("li");
        const [name, state, bar] = ["span", "small", "progress"].map((tag) => row.appendChild(document.createElement(tag)));
        name.textContent = file.name;
        state.textContent = this.said.waiting;
        bar.max = 100;
        bar.value = 0;
        bar.setAttribute("aria-label", `${this.said.of}: ${file.name}`);
        this.list.append(row);
        return {
          at: (share) => {
            const percent = Math.floor(share * 100);
            bar.value = percent;
            state.textContent = share === 1 ? this.said.there : this.said.sending.replace("#", percent);
          },
          pause: () => (state.textContent = this.said.again),
          fail: (sentence) => {
            state.textContent = "";
            const told = row.appendChild(document.createElement("small"));
            told.className = "error";
            told.setAttribute("role", "alert");
            told.textContent = sentence;
          },
        };
      }

      async sendOne(file, row) {
        const key = `upload ${file.name} ${file.size} ${file.lastModified}`;
        const announced = new URLSearchParams({ name: file.name, size: file.size, token: localStorage.getItem(key) ?? "" });
        const { token, received, page } = await this.ask(this.form.action, announced, row);
        localStorage.setItem(key, token);
        let at = received;
        row.at(at / file.size);
        while (at < file.size) {
          const slice = file.slice(at, at + SLICE);
          const answer = await this.ask(`${this.form.action}/${token}/slices?at=${at}`, slice, row);
          at = answer.received;
          row.at(at / file.size);
        }
        localStorage.removeItem(key);
        return page;
      }

      /** POST until there is an answer; an answer says where the file ends now. */
      async ask(url, body, row) {
        for (let tries = 0; tries < TRIES; tries++) {
          const answer = await this.post(url, body);
          if (answer) return answer;
          row.pause();
          await wait(Math.min(30, 2 ** tries));
        }
        throw new Stopped(this.said.stopped);
      }

      async post(url, body) {
        const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
        if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
        let response;
        try {
          response = await fetch(url, { method: "POST", body, headers });
        } catch {
          return null; // no connection: tried again
        }
        if (response.status === 503 || response.status === 502) return null;
        if (!response.headers.get("Content-Type")?.includes("json")) throw new Stopped(this.said.failed);
        const said = await response.json();
        if (said.error) throw new Stopped(said.error);
        return said;
      }
    },
  );
}
