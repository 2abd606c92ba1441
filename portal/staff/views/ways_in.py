"""Which ways in the shop offers, for its owner."""

from collections.abc import Iterable, Sequence

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.factors.forms import SignInSettingsForm
from portal.lib.db import write_tx
from portal.lib.guard import current_member, owner_only
from portal.lib.htmx import done, page
from portal.lib.text import _
from portal.members import ended
from portal.members.sudo import fresh
from portal.shop.models import change_settings, settings
from portal.staff.limits import table
from portal.staff.views.blueprint import staff


@staff.get("/settings/sign-in")
@owner_only
@fresh
def ways_in() -> Response:
    """The switches as they are."""
    return _show(SignInSettingsForm(None, obj=settings()))


@staff.post("/settings/sign-in")
@owner_only
@fresh
def change_ways_in() -> BaseResponse:
    """Store the switches; what takes a way in from people wants a second yes."""
    form = SignInSettingsForm()
    if not form.validate():
        return _show(form, 422)
    lost = ended.losses(_ending(form))
    if lost and request.form.get("sure") != _names(lost):
        return _show(form, 422, lost)
    with write_tx():
        change_settings(**form.data)
        ended.tell(loss.way for loss in lost)
        current_member.record("staff.settings_changed", actor=current_member)
    return done(_("Saved. Every page shows it within two seconds."), go_to=url_for("staff.ways_in"))


def _ending(form: SignInSettingsForm) -> list[str]:
    """The ways in that would be switched off now."""
    now = settings()
    ways = {"password": ("passwords", now.passwords), "phone": ("phone_sign_in", now.phone_sign_in)}
    return [way for way, (name, is_on) in ways.items() if is_on and not form[name].data]


def _names(lost: Iterable[ended.Loss]) -> str:
    return ",".join(loss.way for loss in lost)


def _show(form: SignInSettingsForm, status: int = 200, lost: Sequence[ended.Loss] = ()) -> Response:
    values = {"form": form, "limits": table(), "lost": lost, "sure": _names(lost)}
    return page("staff/ways_in.html", status, **values)
