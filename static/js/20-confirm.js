/* "Are you sure?" as one small slip, for htmx (data-hx-confirm) and for plain forms (data-confirm). */
{
  let dialog;

  const made = (name, className, values = {}) =>
    Object.assign(document.createElement(name), { className }, values);

  const built = () => {
    dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-labelledby", "ask-words");
    const form = dialog.appendChild(made("form", "slip", { method: "dialog" }));
    form.append(made("h2", "", { id: "ask-words" }), made("div", "acts"));
    form.lastChild.append(made("button", "btn", { value: "yes" }), made("button", "link", { value: "" }));
    document.body.append(dialog);
    return dialog;
  };

  /** Ask; true when the person agrees. The yes button repeats the verb that was pressed. */
  const ask = (question, verb) =>
    new Promise((resolve) => {
      const box = dialog ?? built();
      const [yes, no] = box.querySelectorAll("button");
      box.querySelector("h2").textContent = question;
      yes.textContent = verb || words.yes;
      no.textContent = words.no;
      box.returnValue = "";
      box.addEventListener("close", () => resolve(box.returnValue === "yes"), { once: true });
      box.showModal();
      no.focus();
    });

  document.addEventListener("htmx:confirm", async (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    if (!ctx?.confirm) return;
    event.preventDefault();
    const pressed = ctx.request?.submitter ?? ctx.sourceElement;
    const verb = pressed?.matches("button, a") ? pressed.textContent.trim() : pressed?.querySelector("button")?.textContent.trim();
    if (await ask(ctx.confirm, verb)) issueRequest();
    else dropRequest();
  });

  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!form.dataset.confirm || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const pressed = event.submitter;
      if (!(await ask(form.dataset.confirm, pressed?.textContent.trim()))) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(pressed);
      delete form.dataset.confirmed;
    },
    true,
  );
}
