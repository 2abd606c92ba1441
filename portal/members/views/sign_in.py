"""The door: the sign-in page, and signing out."""

from collections.abc import Sequence

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from portal.lib.guard import public, signed_in
from portal.lib.htmx import asked, away, page
from portal.members import phones
from portal.members.forms import AddressForm
from portal.members.passkey_news import News
from portal.members.sign_in import leave
from portal.members.views.blueprint import members, target
from portal.members.views.demo import people_to_enter_as
from portal.members.ways import ways


def show_door(
    status: int = 200,
    form: AddressForm | None = None,
    refusal: str = "",
    news: Sequence[News] = (),
) -> Response:
    """The sign-in page, with what went wrong, and what the browser is told about its passkeys."""
    return page(
        "members/sign_in.html",
        status,
        form=form or AddressForm(None),
        refusal=refusal,
        news=news,
        next=target(),
        people=people_to_enter_as(),
        ways=ways(),
        texts=phones.offered(),
    )


@members.get("/sign-in")
@public
def sign_in() -> Response:
    if signed_in() and "again" not in request.args:
        return redirect(target(), 303)
    return show_door()


@members.post("/sign-out")
def sign_out() -> Response:
    leave()
    door = url_for("members.sign_in", out=1)
    response = away(door) if asked() else redirect(door, 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response
