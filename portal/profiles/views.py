"""A member's own profile with who sees what, and the page that others see."""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.lib.guard import current_member, public, signed_in
from portal.lib.htmx import asked, done, page, partial
from portal.lib.text import _
from portal.lib.throttle import limit
from portal.members import standing
from portal.members.models import Member
from portal.profiles import events as _events  # noqa: F401
from portal.profiles.forms import ProfileForm
from portal.profiles.models import AUDIENCES, FIELDS, Picture, Profile, UsernameTaken
from portal.profiles.picture import NotAPicture, encode_picture
from portal.profiles.showing import find, viewer_of, visible

profiles = Blueprint("profiles", __name__)


@profiles.get("/account/profile")
def edit() -> Response:
    """The form, the picture, and who sees what."""
    profile = _own()
    return page("profiles/edit.html", **_context(profile, ProfileForm.of(profile)))


@profiles.post("/account/profile")
def write() -> BaseResponse:
    """Keep what was typed, or say what is wrong with it and keep it typed."""
    member, form = _me(), ProfileForm()
    standing.ensure(member, "profile")
    form.member = member
    if not form.validate():
        return _again(form)
    try:
        new = Profile.write(
            member,
            name=form.name.data or "",
            username=form.username.data or "",
            bio=form.bio.data or "",
            location=form.location.data or "",
            links=form.links(),
        )
    except UsernameTaken:
        form.username.errors = [_("Somebody has that username. Choose another.")]
        return _again(form)
    return done(_("Saved.") if new else _("Nothing was new."), go_to=url_for("profiles.edit"))


@profiles.post("/account/profile/visibility")
def show_to() -> BaseResponse:
    """Choose who sees one field; saved at once."""
    field, audience = request.form.get("field", ""), request.form.get("audience", "")
    if field not in FIELDS or audience not in AUDIENCES:
        abort(400)
    standing.ensure(_me(), "profile")
    Profile.show_to(_me(), field, audience)
    return done(
        _("Saved."),
        show="profiles/_audience.html",
        go_to=url_for("profiles.edit") + "#seen",
        field=field,
        audience=audience,
    )


@profiles.post("/account/profile/picture")
def keep_picture() -> BaseResponse:
    """Take a picture, make it small and clean, and keep it."""
    member = _me()
    standing.ensure(member, "profile")
    limit("picture", member.number)
    upload = request.files.get("picture")
    try:
        if upload is None:
            raise NotAPicture(_("Choose a picture first."))
        webp, digest = encode_picture(upload.stream)
    except NotAPicture as refusal:
        return _picture(str(refusal))
    Picture.keep(member, webp, digest)
    return _changed_picture(_("That is you now."))


@profiles.post("/account/profile/picture/remove")
def drop_picture() -> BaseResponse:
    """Go back to the first letters of the name."""
    Picture.drop(_me())
    return _changed_picture(_("The picture is gone."))


@profiles.get("/members/<username>")
@public
def show(username: str) -> BaseResponse:
    """A profile as this viewer may see it; nothing to see is not found."""
    profile = find(username)
    if profile is None:
        abort(404)
    viewer = viewer_of(profile, _viewer_id(), request.args.get("as", ""))
    shown = visible(profile, viewer)
    mine = _viewer_id() == profile.id
    if shown.empty and not mine:
        abort(404)
    if shown.username != username.lower():  # the number of somebody who was merged into them
        return redirect(url_for("profiles.show", username=shown.username), 303)
    return page("profiles/show.html", shown=shown, viewer=viewer, mine=mine, inside=signed_in())


@profiles.get("/members/<username>/picture/<digest>.webp")
@public
def picture(username: str, digest: str) -> BaseResponse:
    """A picture, for those who may see it; browsers keep it but ask each time."""
    profile = find(username)
    if profile is None or visible(profile, viewer_of(profile, _viewer_id())).picture != digest:
        abort(404)
    stored = Picture.get_or_none((Picture.member == profile.id) & (Picture.digest == digest))
    if stored is None:
        abort(404)
    response = make_response(bytes(stored.webp))
    response.headers["Content-Type"] = "image/webp"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    response.set_etag(digest)
    return response.make_conditional(request)


def _me() -> Member:
    member: Member = current_member._get_current_object()
    return member


def _viewer_id() -> int | None:
    return current_member.id if signed_in() else None


def _own() -> Any:
    return find(_me().username)


def _context(profile: Any, form: ProfileForm) -> dict[str, Any]:
    stored = profile.visibility or {}
    return {
        "form": form,
        "profile": profile,
        "audiences": [(field, stored.get(field, "me")) for field in FIELDS],
        "refusal": "",
    }


def _again(form: ProfileForm) -> Response:
    show, name = (partial, "profiles/_form.html") if asked() else (page, "profiles/edit.html")
    return show(name, 422, **_context(_own(), form))


def _picture(refusal: str) -> Response:
    profile = _own()
    if asked():
        return partial("profiles/_picture.html", 422, profile=profile, refusal=refusal)
    context = {**_context(profile, ProfileForm.of(profile)), "refusal": refusal}
    return page("profiles/edit.html", 422, **context)


def _changed_picture(notice: str) -> BaseResponse:
    return done(
        notice,
        show="profiles/_picture.html",
        go_to=url_for("profiles.edit"),
        profile=_own(),
        refusal="",
    )
