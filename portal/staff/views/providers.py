"""The providers by which people may come in, for the owner."""

from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import ended
from portal.members.sudo import fresh
from portal.providers import offers
from portal.providers.forms import ProviderForm
from portal.providers.models import Provider
from portal.providers.oidc import answer_address
from portal.providers.presets import PRESETS
from portal.staff.views.blueprint import staff


@staff.get("/settings/providers", endpoint="providers")
@owner_only
def show() -> Response:
    """All of them, in the shop's order."""
    return _list()


@staff.get("/settings/providers/new")
@owner_only
@fresh
def new_provider() -> Response:
    """The form of one more, of the kind in `preset`."""
    provider = _fresh_provider(request.args.get("preset", ""))
    return _form(provider, ProviderForm.of(provider, filled=False))


@staff.post("/settings/providers")
@owner_only
@fresh
def add_provider() -> BaseResponse:
    """Add one that answers as a provider."""
    return _save(_fresh_provider(request.form.get("preset", "")))


@staff.get("/settings/providers/<key>")
@owner_only
@fresh
def provider(key: str) -> Response:
    """The form of one that is there."""
    found = _find(key)
    return _form(found, ProviderForm.of(found, filled=False))


@staff.post("/settings/providers/<key>")
@owner_only
@fresh
def change_provider(key: str) -> BaseResponse:
    """Change one; it must answer as a provider."""
    return _save(_find(key))


@staff.post("/settings/providers/<key>/test")
@owner_only
def test_provider(key: str) -> BaseResponse:
    """Ask the provider now, and say what it answers."""
    found = _find(key)
    try:
        origin = offers.try_out(found)
    except Refused as refused:
        return _list(refused.status, refused.sentence)
    words = _("%(name)s answers. People sign in at %(origin)s.", name=found.name, origin=origin)
    return done(words, go_to=url_for("staff.providers"))


@staff.post("/settings/providers/<key>/move")
@owner_only
def move_provider(key: str) -> BaseResponse:
    """One place up or down."""
    offers.move(_find(key), request.form.get("direction") == "up")
    return done("", go_to=url_for("staff.providers"))


@staff.post("/settings/providers/<key>/switch")
@owner_only
@fresh
def switch_provider(key: str) -> BaseResponse:
    """Offer it, or offer it no more: after a second yes where people have hardly another way."""
    found, on = _find(key), request.form.get("on") == "1"
    lost = ended.losses([f"linked:{key}"]) if found.enabled and not on else []
    if lost and request.form.get("sure") != f"linked:{key}":
        return page("staff/provider_off.html", 409, provider=found, lost=lost)
    with write_tx():
        offers.switch(found, on, current_member)
        ended.tell(loss.way for loss in lost)
    words = _("%(name)s is offered at the door.") if on else _("%(name)s opens nothing now.")
    return done(words % {"name": found.name}, go_to=url_for("staff.providers"))


@staff.post("/settings/providers/<key>/remove")
@owner_only
@fresh
def remove_provider(key: str) -> BaseResponse:
    """Take one away that opens nobody's account."""
    found = _find(key)
    try:
        offers.remove(found, current_member)
    except Refused as refused:
        return _list(refused.status, refused.sentence)
    return done(_("%(name)s is removed.", name=found.name), go_to=url_for("staff.providers"))


def _fresh_provider(preset: str) -> Provider:
    if preset not in PRESETS:
        abort(404)
    shown = PRESETS[preset].shown
    return Provider(key=offers.free_key(preset), preset=preset, name=shown, client_id="")


def _find(key: str) -> Provider:
    found: Provider = find_or_404(Provider.select(), Provider.key == key)
    if found.preset not in PRESETS:
        abort(404)
    return found


def _save(provider: Provider) -> BaseResponse:
    form = ProviderForm.of(provider, filled=True)
    if not form.validate():
        return _form(provider, form, 422)
    new = provider.id is None
    try:
        offers.save(provider, form.values(PRESETS[provider.preset]), current_member)
    except Refused as refused:
        return _form(provider, form, refused.status, refused.sentence)
    words = _("%(name)s is offered at the door.") if new else _("%(name)s is changed.")
    return done(words % {"name": provider.name}, go_to=url_for("staff.providers"))


def _list(status: int = 200, refusal: str = "") -> Response:
    return page(
        "staff/providers.html",
        status,
        providers=offers.every(),
        presets=PRESETS,
        refusal=refusal,
    )


def _form(provider: Provider, form: Any, status: int = 200, refusal: str = "") -> Response:
    return page(
        "staff/provider.html",
        status,
        provider=provider,
        preset=PRESETS[provider.preset],
        form=form,
        refusal=refusal,
        back=answer_address(provider),
    )
