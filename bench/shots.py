"""Pictures of every page of every role: phone and desktop, light and dark."""

import logging
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import waitress
from behind import open_everything, walk
from pages import pages, people, small_shop
from playwright.sync_api import Browser, sync_playwright

from portal import create_app

WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")
# Those that the README shows, without scrolling.
SHOWN = {
    ("member", "home", "desktop", "light"): "home.png",
    ("member", "home", "phone", "dark"): "home-phone-dark.png",
    ("member", "card", "phone", "light"): "card-phone.png",
    ("member", "security", "desktop", "light"): "security.png",
    ("stranger", "sign-in", "phone", "light"): "sign-in-phone.png",
    ("agent", "person", "desktop", "light"): "member-at-the-desk.png",
}
PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


def main(folder: Path) -> int:
    """Write build/shots/<role>/<page>-<width>-<scheme>.png; 1 when a page spoke in the console."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    shutil.rmtree(folder, ignore_errors=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with small_shop(members=400, orders=3000) as (shop, config), sync_playwright() as playwright:
        open_everything(shop)
        server = waitress.create_server(_unready, host="127.0.0.1", port=0, threads=4)
        url = f"http://localhost:{server.effective_port}"
        server.application = create_app(replace(config, base_url=url))
        threading.Thread(target=server.run, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        troubles: list[str] = []
        count = 0
        for role, member in people().items():
            behind = walk(shop, role, member)
            kept = [
                {"name": name, "value": value, "url": url} for name, value in behind.cookies.items()
            ]
            todo = pages(role) | behind.pages
            for size in WIDTHS:
                for scheme in SCHEMES:
                    where = folder / role
                    count += _shoot(browser, url, todo, kept, size, scheme, where, troubles)
        browser.close()
        server.close()
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    print(f"{count} pictures are in {folder}.")
    return 1 if troubles else 0


def _shoot(
    browser: Browser,
    url: str,
    todo: dict[str, str],
    kept: list,
    size: str,
    scheme: str,
    folder: Path,
    troubles: list[str],
) -> int:
    context = browser.new_context(
        base_url=url,
        viewport={"width": WIDTHS[size], "height": 844 if size == "phone" else 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        device_scale_factor=2 if size == "phone" else 1,
    )
    context.add_cookies(kept)
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
    for name, path in todo.items():
        page.goto(path, wait_until="load")
        page.screenshot(path=folder / f"{name}-{WIDTHS[size]}-{scheme}.png", full_page=True)
        if shown := SHOWN.get((folder.name, name, size, scheme)):
            page.screenshot(path=PICTURES / shown)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > WIDTHS[size]:
            troubles.append(f"{path} is {wide} px wide at {WIDTHS[size]} px ({scheme})")
    context.close()
    return len(todo)


def _unready(_environ: dict, start_response: object) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])  # type: ignore[operator]
    return []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
