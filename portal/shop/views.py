"""What every page asks the shop for: its colour and its logo."""

from flask import Blueprint, Response, abort, make_response, request

from portal.lib.guard import public
from portal.shop.models import Logo, settings

shop = Blueprint("shop", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@shop.get("/brand.css")
@public
def brand() -> Response:
    """The accent colour as a custom property; kept for a year under its own version."""
    accent = settings().accent
    response = make_response(f":root {{ --shop: {accent} }}\n")
    response.mimetype = "text/css"
    current = request.args.get("v") == accent.removeprefix("#")
    response.headers["Cache-Control"] = FOR_EVER if current else "public, max-age=60"
    return response


@shop.get("/logo/<digest>.webp")
@public
def logo(digest: str) -> Response:
    """The shop's logo; the address changes with the picture."""
    found = Logo.get_or_none(Logo.digest == digest)
    if found is None:
        abort(404)
    response = make_response(bytes(found.webp))
    response.mimetype = "image/webp"
    response.headers["Cache-Control"] = FOR_EVER
    return response
