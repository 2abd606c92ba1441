/* The desk by keyboard: "/" goes to the search, the arrows walk through what was found, Escape goes back. */
{
  const field = () => document.querySelector(".find input[type=search]");
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && field()) {
      event.preventDefault();
      field().focus();
      field().select();
      return;
    }
    const find = event.target.closest?.(".find, #found");
    if (!find || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
    const links = [...(document.getElementById("found")?.querySelectorAll("a") ?? [])];
    const at = links.indexOf(event.target);
    if (event.key === "Escape") {
      if (find.closest(".top")) document.getElementById("found")?.replaceChildren();
      field()?.focus();
    } else if (links.length) {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] ?? (next < 0 ? field() : links.at(-1)))?.focus();
    }
  });
}
