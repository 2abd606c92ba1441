"""A real browser against the real server: Debian's chromium, waitress, the test's own database."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal import create_app
from portal.config import read_config
from portal.lib.db import db
from portal.members.models import Member, Session
from portal.shop.models import change_settings, forget

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class Site:
    """The running shop: its app, its address, and a way to sign a browser in without the door."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.url = url

    def enter(self, context: BrowserContext, member: Member) -> None:
        """Give the browser a session of that member."""
        token = Session.start(member, device="Chromium on Linux", method="code")
        serializer = self.app.session_interface.get_signing_serializer(self.app)
        value = serializer.dumps({"_user_id": token, "_fresh": True})
        context.add_cookies([{"name": "session", "value": value, "url": self.url}])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's browser, as root in a container too."""
    if CHROMIUM is None:
        raise RuntimeError("The browser tests need chromium: apt-get install chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--disable-quic", "--no-first-run"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    """The shop on a free port of http://localhost, in this process."""
    server = waitress.create_server(_unready, host="127.0.0.1", port=0, threads=4, ident=None)
    url = f"http://localhost:{server.effective_port}"
    app = create_app(
        read_config(
            instance=str(tmp_path), database_url=database_url, base_url=url, secret_key="k" * 43
        )
    )
    server.application = app
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    with app.app_context():
        db.connect(reuse_if_open=True)
        forget()
        change_settings(name="Fern & Kettle", contact="hello@fernandkettle.example")
        yield Site(app, url)
        forget()
    server.close()
    thread.join(5)


@pytest.fixture
def no_script(browser: Browser, site: Site) -> Iterator[Page]:
    """A page in a browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, base_url=site.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Any]:
    """`page = visit(member, width=390)`: a window, signed in, that fails on console errors."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_window(member: Member | None = None, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": 844}, **options
        )
        contexts.append(context)
        if member:
            site.enter(context, member)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda message: (
                troubles.append(message.text)
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert troubles == []


def _unready(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
