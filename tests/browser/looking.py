"""What every page is held against, on a phone and a desktop, in light and dark."""

from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390)
#: What a dark page can get wrong that the same page in light did not.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
WHOLE = {"resultTypes": ["violations"]}
_LOOK = """async (rules) => {
  const quiet = () => document.fonts.status === "loaded"
    && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    && document.getAnimations().every((one) => one.playState !== "running");
  for (let turn = 0; turn < 500 && !quiet(); turn += 1)
    await new Promise((go) => setTimeout(go, 20));
  if (!quiet()) throw new Error("the page does not come to rest");
  const found = await axe.run(rules);
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html]));
}"""


@cache
def _axe() -> str:
    return str(Axe().axe_script)


def findings(page: Page, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What axe finds on the page as it stands, and whether it is wider than its window.

    Every rule at each width in light; those of colours in dark at the last one, since the same
    words stand there in the same colours. The window is left as it was.
    """
    before = page.viewport_size
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        found += _look(page, WHOLE, f"{width} light")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} is wider than {width}")
    page.emulate_media(color_scheme="dark")
    found += _look(page, COLOURS, f"{widths[-1]} dark")
    page.emulate_media(color_scheme="light")
    if before:
        page.set_viewport_size(before)
    return found


def _look(page: Page, rules: dict[str, Any], how: str) -> list[str]:
    found = page.evaluate(_LOOK, rules)
    return [f"{page.url} {how}: {rule} at {html[:160]}" for rule, html in found]
