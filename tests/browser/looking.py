"""What every page is held against, on a phone and a desktop, in light and dark."""

from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390)
#: What a dark page can get wrong that the same page in light did not.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
WHOLE = {"resultTypes": ["violations"]}
_QUIET = """() => document.fonts.status === "loaded"
  && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
  && document.getAnimations().every((one) => one.playState !== "running")"""


@cache
def _axe() -> str:
    return str(Axe().axe_script)


def findings(page: Page, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What axe finds on the page as it stands, and whether it is wider than its window.

    Every rule at each width in light, those of colours in dark. The window is left as it was.
    """
    before = page.viewport_size
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        for scheme, rules in (("light", WHOLE), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{page.url} {width} {scheme}: {one}" for one in _look(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{page.url} is wider than {width}")
    if before:
        page.set_viewport_size(before)
    return found


def _look(page: Page, rules: dict[str, Any]) -> list[str]:
    page.wait_for_function(_QUIET)
    violations = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    return [
        f"{violation['id']} at {node['html'][:160]}"
        for violation in violations
        for node in violation["nodes"]
    ]
