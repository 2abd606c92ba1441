"""Somebody who is signed in to a served shop, and asks it over HTTP."""

import http.client
import re
import time
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from serving import Shop

from portal import create_app
from portal.config import read_config
from portal.lib.db import db
from portal.members.models import Member, Session

SECRET = "k" * 43


class Answer(NamedTuple):
    """What came back, and after how many seconds."""

    status: int
    text: str
    headers: http.client.HTTPMessage
    seconds: float


class Visitor:
    """A browser without a screen: one cookie, forms with their token."""

    def __init__(self, shop: Shop, cookie: str) -> None:
        self.shop = shop
        self.cookie = cookie

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, **form: str) -> Answer:
        """Send a form with the token of the page it stands on."""
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **form}))

    def learn_token(self, page: str) -> None:
        """Take the token of a page's forms for what is sent later."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert found
        self.token = unescape(found[1])

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=60)
        headers = {"Cookie": f"session={self.cookie}", "Host": f"localhost:{self.shop.port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if kept := re.match(r"session=([^;]+)", answer.headers.get("Set-Cookie", "")):
                self.cookie = kept[1]
        finally:
            connection.close()
        return Answer(answer.status, text, answer.headers, time.monotonic() - began)


def enrol(instance: Path, url: str, *, role: str | None = None) -> str:
    """Make a member of the shop whose session began a day ago; returns the session's cookie."""
    config = read_config(instance=str(instance), database_url=url, secret_key=SECRET)
    app = create_app(config)
    with app.app_context():
        db.connect(reuse_if_open=True)
        member = Member.make(name="Ada Lovelace", role=role)
        token = Session.start(member, device="Firefox on Linux", method="code")
        db.close()
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"_user_id": token, "_fresh": True}))
