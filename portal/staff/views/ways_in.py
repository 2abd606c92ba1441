"""Which ways in the shop offers, for its owner."""

from flask import Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.factors.forms import SignInSettingsForm
from portal.lib.db import write_tx
from portal.lib.guard import current_member, owner_only
from portal.lib.htmx import done, page
from portal.lib.text import _
from portal.shop.models import change_settings, settings
from portal.staff.limits import table
from portal.staff.views.blueprint import staff


@staff.get("/settings/sign-in")
@owner_only
def ways_in() -> Response:
    """The switches as they are."""
    return _show(SignInSettingsForm(None, obj=settings()))


@staff.post("/settings/sign-in")
@owner_only
def change_ways_in() -> BaseResponse:
    """Store the switches."""
    form = SignInSettingsForm()
    if not form.validate():
        return _show(form, 422)
    with write_tx():
        change_settings(**form.data)
        current_member.record("staff.settings_changed", actor=current_member)
    return done(_("Saved. Every page shows it within two seconds."), go_to=url_for("staff.ways_in"))


def _show(form: SignInSettingsForm, status: int = 200) -> Response:
    return page("staff/ways_in.html", status, form=form, limits=table())
