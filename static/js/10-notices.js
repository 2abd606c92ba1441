/* Notices: announced also when they came with the page, closed by hand or by themselves when there is nothing to press. */
{
  const LASTS = 9000;
  const region = document.getElementById("notices");

  const tend = (notice) => {
    if (notice.dataset.tended) return;
    notice.dataset.tended = "yes";
    if (notice.matches(".stop") || notice.querySelector("a, button")) return;
    const leave = () => {
      if (notice.matches(":hover")) setTimeout(leave, LASTS / 3);
      else notice.remove();
    };
    setTimeout(leave, LASTS);
  };

  if (region) {
    const came = [...region.children];
    if (came.length) {
      // A live region speaks of changes only, so what came with the page is put in once more.
      region.replaceChildren();
      setTimeout(() => region.append(...came), 100);
    }
    new MutationObserver(() => {
      for (const notice of region.children) tend(notice);
    }).observe(region, { childList: true });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog[open]")) region.replaceChildren();
    });
    region.addEventListener("click", (event) => {
      const notice = event.target.closest(".notice");
      if (notice && !event.target.closest("a, button")) notice.remove();
    });
  }
}
