"""CSRF tokens look different in each answer, so compressed pages do not give them away."""

import base64
import secrets
from typing import Any

from flask import Flask, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
FOREIGN = {"cross-site", "same-site"}


class MaskedCSRF(CSRFProtect):
    """Flask-WTF's protection, with every token masked by a fresh pad (against BREACH)."""

    def init_app(self, app: Flask) -> None:
        """Protect the app; templates get the masked `csrf_token()`."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        # Flask-WTF gives pages (not macros) its own bare token in a context; this one wins over it.
        app.context_processor(lambda: {"csrf_token": masked_token})

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse what another site sent, whatever it carries, and what carries no token."""
        foreign = request.headers.get("Sec-Fetch-Site") in FOREIGN
        free = apply_exemptions and self._is_exempt()  # what providers post; see portal/providers
        if request.endpoint and foreign and request.method not in SAFE and not free:
            raise CSRFError("The request comes from another site.")
        super().protect(apply_exemptions)

    def _get_csrf_token(self) -> Any:
        return unmask(super()._get_csrf_token())


def masked_token() -> str:
    """The session's token under a pad of its own, once for each answer."""
    if "masked_csrf" not in g:
        g.masked_csrf = mask(generate_csrf())
    return g.masked_csrf


def mask(token: str) -> str:
    """Pad and token XOR pad, as URL-safe text."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(pad + _xor(plain, pad)).decode()


def unmask(masked: str | None) -> str | None:
    """The token again; None for what is no masked token."""
    try:
        raw = base64.urlsafe_b64decode((masked or "").encode())
        half = len(raw) // 2
        return _xor(raw[half:], raw[:half]).decode() or None
    except ValueError:
        return None


def _xor(left: bytes, right: bytes) -> bytes:
    size = len(left)
    return (int.from_bytes(left, "big") ^ int.from_bytes(right[:size], "big")).to_bytes(size, "big")
