"""The shop's settings, for its owner."""

import re
from zoneinfo import available_timezones

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.db import write_tx
from portal.lib.guard import current_member, owner_only
from portal.lib.htmx import done, page, partial
from portal.lib.text import _
from portal.loyalty.jobs import book_everything
from portal.shop.forms import SettingsForm
from portal.shop.logo import drop_logo, keep_logo
from portal.shop.models import change_settings, settings
from portal.staff.views.blueprint import staff

POINTS_RULES = ("points_per_unit", "points_since", "return_days")  # what is earned hangs on them
COMMON = ("EUR", "GBP", "USD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "JPY")


@staff.get("/settings", endpoint="settings")
@owner_only
def show() -> Response:
    """The form as it is stored."""
    return _form(SettingsForm.of(settings()))


@staff.post("/settings")
@owner_only
def change_shop() -> BaseResponse:
    """Store what was typed, or say what is wrong with it and keep it typed."""
    form = SettingsForm()
    if not form.validate():
        return _form(form, 422)
    before = settings()
    with write_tx():
        change_settings(**form.values())
        if any(getattr(before, name) != form[name].data for name in POINTS_RULES):
            book_everything()
        if form.webp:
            keep_logo(form.webp)
        elif form.no_logo.data:
            drop_logo()
        current_member.record("staff.settings_changed", actor=current_member)
    return done(
        _("Saved. Every page shows it within two seconds."), go_to=url_for("staff.settings")
    )


@staff.get("/settings/accent")
@owner_only
def accent() -> Response:
    """How a colour looks by day and by night, while it is being chosen."""
    typed = request.args.get("accent", "").lower()
    known = re.fullmatch(r"#[0-9a-f]{6}", typed)
    return partial("staff/_tint.html", accent=typed if known else settings().accent)


def _form(form: SettingsForm, status: int = 200) -> Response:
    zones = sorted(available_timezones())
    typed = str(form.accent.data or "")
    accent = typed if re.fullmatch(r"#[0-9a-f]{6}", typed) else settings().accent
    return page(
        "staff/settings.html", status, form=form, zones=zones, currencies=COMMON, accent=accent
    )
