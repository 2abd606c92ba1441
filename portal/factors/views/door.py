"""The password at the door: a folded form below the other ways in, where the shop allows it."""

from typing import Any

from flask import abort, g, redirect
from werkzeug.wrappers import Response

from portal.factors import passwords
from portal.factors.forms import DoorForm
from portal.factors.views.blueprint import factors
from portal.lib.guard import public
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import fold_email
from portal.members.signs import was_here
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, target
from portal.members.views.bots import careful, caught
from portal.members.views.sign_in import show_door
from portal.members.ways import Way, add_way
from portal.shop.models import settings


@factors.post("/sign-in/password")
@public
def use_password() -> Response:
    """Come in, or read what is wrong; strangers wait as long as members."""
    if not settings().passwords:
        abort(404)
    form = DoorForm()
    if not form.validate():
        return _show(form, 422)
    careful("password.try.client", "password.try.all")
    limit("password.try.pair", fold_email(form.email.data))
    if not was_here(fold_email(form.email.data)):
        limit("password.try.account", fold_email(form.email.data))
    member = None if caught() else passwords.enter(form.email.data, form.password.data)
    if member is None:
        form.password.errors = [
            _("This address and this password do not belong together. A mailed code works, too.")
        ]
        return _show(form, 422)
    try:
        return redirect(proceed(member, "password", target()), 303)
    except Refused as refused:
        form.password.errors = [refused.sentence]
        return _show(form, refused.status)


def _show(form: DoorForm, status: int) -> Response:
    g.password_form = form
    return show_door(status)


def _values() -> dict[str, Any] | None:
    if not settings().passwords:
        return None
    return {"form": g.get("password_form") or DoorForm(None), "next": target()}


add_way(Way("password", 40, "factors/_door.html", _values))
