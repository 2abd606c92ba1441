"""Signing in with a passkey (the WebAuthn ceremony), renaming and removing one."""

import json
import secrets
from typing import Any

from flask import current_app
from webauthn import generate_authentication_options, verify_authentication_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import incidents, keys
from portal.members.letters import tell_change
from portal.members.models import Challenge, Event, Passkey
from portal.shop.models import settings

# What the parsers raise at JSON, base64 and CBOR that no browser sends.
MALFORMED = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError)


class PasskeyRefused(Refused):
    """The ceremony did not prove what it had to; the sentence says what to do."""

    status = 422


class UnknownPasskey(PasskeyRefused):
    """The shop has no such passkey; `credential_id` is what the browser sent, or ""."""

    def __init__(self, sentence: str, credential_id: str) -> None:
        super().__init__(sentence)
        self.credential_id = credential_id


def request_options() -> dict[str, Any]:
    """What the browser needs to sign in with any passkey of this shop: nobody is named."""
    options = generate_authentication_options(
        rp_id=current_app.config["RP_ID"],
        challenge=secrets.token_bytes(32),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    token = Challenge.keep(options.challenge, "sign-in")
    return {"challenge_id": token, "publicKey": options_to_json_dict(options)}


def prove(credential: str, challenge_id: str) -> Passkey:
    """The passkey that answered the challenge, its counter moved on; raises PasskeyRefused."""
    challenge, passkey = Challenge.take(challenge_id, "sign-in"), _named(credential)
    if challenge is None:
        _note_wrong(passkey)
        raise PasskeyRefused(_("That took too long. Please try again."))
    if passkey is None:
        _note_wrong(None)
        raise UnknownPasskey(
            _("This shop does not know that passkey any more. Use another one, or a mailed code."),
            _id_of(credential),
        )
    try:
        proved = verify_authentication_response(
            credential=credential,
            expected_challenge=bytes(challenge.challenge),
            expected_rp_id=current_app.config["RP_ID"],
            expected_origin=current_app.config["BASE_URL"],
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=0,  # compared below, where two requests cannot both pass
            require_user_verification=True,
        )
    except MALFORMED:
        _note_wrong(passkey)
        raise PasskeyRefused(_("The passkey was not accepted. Please try again.")) from None
    if not _move_on(passkey, proved.new_sign_count, proved.credential_backed_up):
        _note_copy(passkey)
        raise PasskeyRefused(
            _("This passkey was refused, because it behaved like a copy. We have mailed you.")
        )
    return passkey


def rename(passkey: Passkey, label: str) -> None:
    """Give a passkey another name; one that was removed meanwhile keeps none."""
    with write_tx():
        if not Passkey.update(label=label).where(Passkey.id == passkey.id).execute():
            return
        passkey.member.record("passkey.renamed", before=passkey.label, label=label)


def remove(passkey: Passkey) -> None:
    """Remove a passkey, unless it is the last way in; raises keys.LastWayIn."""
    member = passkey.member
    with write_tx():
        keys.ensure_another(member, keys.PASSKEY, passkey.id)
        if not Passkey.delete().where(Passkey.id == passkey.id).execute():
            return
        member.record("passkey.removed", label=passkey.label)
        tell_change(
            member,
            subject=_("A passkey was removed from your account at %(shop)s", shop=settings().name),
            sentence=_(
                "The passkey “%(label)s” does not open your account any more.", label=passkey.label
            ),
            advice=_("If it was not you, look at your security page at once."),
        )


def _id_of(credential: str) -> str:
    """The credential's id in its one right spelling, or "" for what no browser sends."""
    try:
        return bytes_to_base64url(base64url_to_bytes(json.loads(credential)["id"]))[:1400]
    except MALFORMED:
        return ""


def _named(credential: str) -> Passkey | None:
    try:
        named = json.loads(credential)
        name = bytes_to_base64url(base64url_to_bytes(named["id"]))
        found = Passkey.get_or_none(Passkey.credential_id == name)
        handle = named["response"].get("userHandle")
        if found and handle and base64url_to_bytes(handle) != found.member.handle():
            return None
    except MALFORMED:
        return None
    return found


def _move_on(passkey: Passkey, count: int, synced: bool) -> bool:
    """Store the authenticator's counter; False when it did not grow (synced ones stay at 0)."""
    grew = (Passkey.sign_count < count) | ((Passkey.sign_count == 0) & (count == 0))
    with write_tx():
        moved = Passkey.update(sign_count=count, synced=synced, used_at=now()).where(
            (Passkey.id == passkey.id) & grew
        )
        return bool(moved.execute())


def _note_wrong(passkey: Passkey | None) -> None:
    """What did not check is an event of the passkey's member, or was nobody's."""
    if passkey:
        passkey.member.record("passkey.wrong", label=passkey.label)
    else:
        incidents.note("passkey_unknown")


def _note_copy(passkey: Passkey) -> None:
    """Log each refusal; mail the first one since the passkey was last accepted."""
    with write_tx():
        passkey.member.touch()  # of two at once the later one sees the other's event
        told = _refused_since_used(passkey)
        passkey.member.record("passkey.refused", label=passkey.label, passkey=passkey.id)
        if told:
            return
        tell_change(
            passkey.member,
            subject=_("We refused a passkey of your account at %(shop)s", shop=settings().name),
            sentence=_(
                "Somebody used “%(label)s”, but its counter went back, as that of a copy would. "
                "Nobody got in.",
                label=passkey.label,
            ),
            advice=_("If you restored that device, make a new passkey. If not, remove this one."),
        )


def _refused_since_used(passkey: Passkey) -> bool:
    used_at = Passkey.get_by_id(passkey.id).used_at or passkey.created_at
    earlier = Event.select().where(
        (Event.member == passkey.member_id)
        & (Event.kind == "passkey.refused")
        & (Event.at >= used_at)
    )
    return any(event.data.get("passkey") == passkey.id for event in earlier)
