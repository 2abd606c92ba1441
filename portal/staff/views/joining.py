"""Joining as the owner sees it: who got stuck where, invitations, and what new members meet."""

from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.joining import invitations, letters, stuck
from portal.joining.forms import InviteForm, JoiningForm, LetterForm
from portal.joining.models import Invitation
from portal.joining.steps import FIELDS, wanted
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import new_token
from portal.members.models import Member
from portal.shop.models import change_settings, settings
from portal.staff.views.blueprint import staff


@staff.get("/joining")
@owner_only
def joining() -> Response:
    """The stages with how many are stuck, and who at one of them."""
    if asked() and request.args.get("after"):
        return partial("staff/_stuck.html", stage=_stage(), lines=_lines())
    return _show()


@staff.post("/joining/invitations")
@owner_only
def invite() -> BaseResponse:
    """Invite one address."""
    form = InviteForm()
    if form.validate():
        try:
            invitations.invite(form.email.data, _me(), form.text.data or "")
        except Refused as refused:
            form.email.errors = [refused.sentence]
        else:
            return _done(_("%(address)s is invited.", address=form.email.data), "invited")
    return _show(422, invite=form)


@staff.post("/joining/invitations/everybody")
@owner_only
def invite_everybody() -> BaseResponse:
    """Begin to invite everybody whose orders came with an address."""
    invitations.invite_everybody(_me())
    return _done(_("The invitations are being written. You can stop it here."), "invited")


@staff.post("/joining/invitations/stop")
@owner_only
def stop_inviting() -> BaseResponse:
    """Write no more invitations."""
    invitations.stop_inviting()
    return _done(_("No more invitations are written. Those that went out stay good."), "invited")


@staff.get("/joining/invitations/<int:invitation_id>")
@owner_only
def invitation(invitation_id: int) -> Response:
    """The form for a few words to somebody who did not come yet."""
    return _letter(_invitation(invitation_id), LetterForm(None))


@staff.post("/joining/invitations/<int:invitation_id>")
@owner_only
def invite_again(invitation_id: int) -> BaseResponse:
    """Invite somebody once more, with a few words; the earlier link dies."""
    found, form = _invitation(invitation_id), LetterForm()
    if not form.validate():
        return _letter(found, form, 422)
    key = request.form.get("key", "")
    fresh = found.token_hash[:16] == key and invitations.again(found, _me(), form.text.data)
    return _done(_("Invited once more.") if fresh else _("That went out already."), "invited")


@staff.get("/joining/members/<number>")
@owner_only
def stuck_member(number: str) -> Response:
    """The form for a letter to somebody in the middle of the steps."""
    return _letter(_member(number), LetterForm(None))


@staff.post("/joining/members/<number>")
@owner_only
def write_to_member(number: str) -> BaseResponse:
    """Send them the letter, once."""
    member, form = _member(number), LetterForm()
    if not form.validate():
        return _letter(member, form, 422)
    key = request.form.get("key", "")[:40] or new_token()[:40]
    try:
        fresh = letters.write(member, _me(), form.text.data, key)
    except Refused as refused:
        form.text.errors = [refused.sentence]
        return _letter(member, form, 422)
    return _done(_("The letter is on its way.") if fresh else _("That went out already."), "step")


@staff.post("/joining/settings")
@owner_only
def change_joining() -> BaseResponse:
    """Who may join, and what they are asked."""
    form = JoiningForm()
    if not form.validate():
        return _show(422, rules=form)
    change_settings(**form.values())
    current_member.record("staff.settings_changed", actor=current_member)
    return _done(_("Saved."), _stage())


def _show(
    status: int = 200, *, invite: InviteForm | None = None, rules: JoiningForm | None = None
) -> Response:
    shop = settings()
    if rules is None:
        rules = JoiningForm(
            None, sign_up=shop.sign_up, claim_by_email=shop.claim_by_email,
            join_steps=wanted(), interests=shop.interests,
        )  # fmt: skip
    return page(
        "staff/joining.html",
        status,
        stage=_stage(),
        stages=stuck.STAGES,
        counts=stuck.counts(),
        joined=stuck.joined(),
        lines=_lines(),
        to_invite=invitations.to_invite(),
        inviting=bool(shop.inviting),
        invite=invite or InviteForm(None),
        rules=rules,
        steps=list(FIELDS),
    )


def _letter(to: Any, form: LetterForm, status: int = 200) -> Response:
    key = to.token_hash[:16] if isinstance(to, Invitation) else new_token()[:40]
    member = to.member if isinstance(to, Invitation) else to
    return page(
        "staff/joining_letter.html",
        status,
        form=form,
        member=member,
        address=to.address if isinstance(to, Invitation) else "",
        key=request.form.get("key", key),
    )


def _invitation(invitation_id: int) -> Invitation:
    waiting = Invitation.select().where(Invitation.used_at.is_null())
    found: Invitation = find_or_404(waiting, Invitation.id == invitation_id)
    return found


def _member(number: str) -> Member:
    here = Member.select().where(Member.role.is_null(), Member.joined_at.is_null(False))
    found: Member = find_or_404(here, Member.number == number)
    return found


def _stage() -> str:
    typed = request.args.get("stage", "")
    return typed if typed in stuck.STAGES else "step"


def _lines() -> Any:
    return stuck.stuck(_stage(), request.args.get("after"))


def _me() -> Member:
    member: Member = current_member._get_current_object()
    return member


def _done(sentence: str, stage: str) -> BaseResponse:
    return done(sentence, go_to=url_for("staff.joining", stage=stage))
