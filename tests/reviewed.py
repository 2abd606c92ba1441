"""A test client that sends the CSRF token as a browser would and reviews every HTML answer."""

import re
from html.parser import HTMLParser
from typing import Any

from flask import g, has_app_context, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from portal.lib.csrf import mask

VOID = {
    "input",
    "br",
    "img",
    "meta",
    "link",
    "hr",
    "source",
    "path",
    "rect",
    "circle",
    "line",
    "use",
}

FRAGMENTS = (
    "/account/security/password/strength",
    "/account/cards/",
    "/staff/search",
    "/staff/settings/accent",
)


class ReviewedClient(FlaskClient):
    """Posts carry a CSRF token unless `csrf=False`; `htmx=True` asks as htmx would."""

    def open(
        self, *args: Any, csrf: bool = True, htmx: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send, then review what came."""
        headers = dict(kwargs.pop("headers", {}))
        if htmx:
            headers["HX-Request"] = "true"
        method = kwargs.get("method", "GET").upper()
        if csrf and method not in ("GET", "HEAD", "OPTIONS"):
            headers.setdefault("X-CSRFToken", self._token())
        _forget_request()
        answer = super().open(*args, headers=headers, **kwargs)
        _forget_request()
        if answer.mimetype == "text/html" and answer.data and not 300 <= answer.status_code < 400:
            error = answer.status_code >= 400 and answer.status_code != 422
            whole = error or not (htmx or answer.request.path.startswith(FRAGMENTS))
            review(answer.get_data(as_text=True), whole=whole)
        return answer

    def _token(self) -> str:
        with self.application.test_request_context():
            with self.session_transaction() as stored:
                if "csrf_token" not in stored:
                    generate_csrf()
                    stored["csrf_token"] = session["csrf_token"]
                session["csrf_token"] = stored["csrf_token"]
            g.pop("csrf_token", None)
            return mask(generate_csrf())


def _forget_request() -> None:
    """A test's app context outlives its requests: who was signed in must not leak to the next."""
    if has_app_context():
        for name in list(g):
            g.pop(name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open_forms: list[dict[str, Any]] = []
        self.forms: list[dict[str, Any]] = []
        self.labels: set[str] = set()
        self.inside_label = 0
        self.unlabelled: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "label":
            self.inside_label += 1
            if values.get("for"):
                self.labels.add(str(values["for"]))
        if tag == "form":
            form = {"method": (values.get("method") or "get").lower(), "names": set()}
            self.open_forms.append(form)
            self.forms.append(form)
        if tag in ("input", "select", "textarea"):
            if self.open_forms:
                self.open_forms[-1]["names"].add(values.get("name"))
            silent = tag == "input" and values.get("type") in ("hidden", "submit", "button")
            named = values.get("aria-label") or values.get("aria-labelledby") or self.inside_label
            if not silent and not named:
                self.unlabelled.append(str(values.get("id")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside_label -= 1
        if tag == "form" and self.open_forms:
            self.open_forms.pop()


def review(html: str, *, whole: bool) -> None:
    """Fail on what no page of ours may have; `whole` pages need a title and one headline."""
    page = _Reader()
    page.feed(html)
    assert len(page.ids) == len(set(page.ids)), f"doubled ids: {sorted(page.ids)}"
    missing = [name for name in page.unlabelled if name not in page.labels]
    assert missing == [], f"fields without a label: {missing}"
    for form in page.forms:
        if form["method"] == "post":
            assert "csrf_token" in form["names"], "a form without its CSRF field"
    for tag, values in page.tags:
        assert "style" not in values, f"inline style on <{tag}>"
        assert not any(name.startswith("on") for name in values), f"inline script on <{tag}>"
        if tag == "img":
            assert "alt" in values, "an image without alt"
        if tag == "a" and values.get("href"):
            assert re.match(r"(https?:|mailto:|tel:|[/#?])", str(values["href"])), values["href"]
    if whole:
        tags = [tag for tag, _values in page.tags]
        assert tags.count("title") >= 1, "no title"
        assert tags.count("h1") == 1, f"{tags.count('h1')} headlines"
        assert tags.count("main") == 1, "no main"
