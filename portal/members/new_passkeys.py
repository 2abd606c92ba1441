"""Making a passkey: what the browser is asked for, what it made, and keeping that."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.lib.db import write_tx
from portal.lib.text import _
from portal.members.keepers import keeper
from portal.members.letters import tell_change
from portal.members.models import Challenge, Member, Passkey
from portal.members.passkey_news import account_name
from portal.members.passkeys import MALFORMED, PasskeyRefused
from portal.shop.models import settings

TRANSPORTS = {"usb", "nfc", "ble", "hybrid", "internal", "smart-card"}


@dataclass(frozen=True)
class NewPasskey:
    """A verified new credential, not yet stored."""

    values: dict[str, Any]


def creation_options(
    purpose: str,
    *,
    handle: bytes,
    name: str,
    shown_name: str,
    known: Iterable[Passkey] = (),
    member_id: int | None = None,
) -> dict[str, Any]:
    """What the browser needs to make a passkey: `challenge_id` and `publicKey`."""
    options = generate_registration_options(
        rp_id=current_app.config["RP_ID"],
        rp_name=settings().name,
        user_id=handle,
        user_name=name,
        user_display_name=shown_name,
        challenge=secrets.token_bytes(32),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id))
            for passkey in known
        ],
    )
    token = Challenge.keep(options.challenge, purpose, member_id)
    return {"challenge_id": token, "publicKey": options_to_json_dict(options)}


def creation_options_for(member: Member) -> dict[str, Any]:
    """Options for one more passkey of a member who is signed in or holds a set-up link."""
    return creation_options(
        "add",
        handle=member.handle(),
        name=account_name(member),
        shown_name=member.shown_name,
        known=Passkey.select().where(Passkey.member == member),
        member_id=member.id,
    )


def verify_new(
    credential: str, challenge_id: str, purpose: str, member_id: int | None, device: str
) -> NewPasskey:
    """Check what the browser made; raises PasskeyRefused."""
    challenge = Challenge.take(challenge_id, purpose)
    if challenge is None or challenge.member_id != member_id:
        raise PasskeyRefused(_("That took too long. Please make the passkey again."))
    try:
        proved = verify_registration_response(
            credential=credential,
            expected_challenge=bytes(challenge.challenge),
            expected_rp_id=current_app.config["RP_ID"],
            expected_origin=current_app.config["BASE_URL"],
            require_user_verification=True,
        )
    except MALFORMED:
        raise PasskeyRefused(
            _("This device did not make a passkey that works here. Nothing was changed.")
        ) from None
    return NewPasskey(
        {
            "credential_id": bytes_to_base64url(proved.credential_id),
            "public_key": proved.credential_public_key,
            "sign_count": proved.sign_count,
            "transports": _transports(credential),
            "aaguid": proved.aaguid,
            "synced": proved.credential_backed_up,
            "can_sync": proved.credential_device_type.value == "multi_device",
            "label": (keeper(proved.aaguid) or device)[:80],
            "made_on": device,
        }
    )


def keep(member: Member, new: NewPasskey) -> Passkey:
    """Store a verified passkey; its owner reads it in the timeline and in a mail."""
    with write_tx():
        if Passkey.select().where(Passkey.credential_id == new.values["credential_id"]).exists():
            raise PasskeyRefused(_("This passkey is in use already. Nothing was changed."))
        passkey = Passkey.create(member=member, **new.values)
        member.record("passkey.added", label=passkey.label)
        tell_change(
            member,
            subject=_("A passkey was added to your account at %(shop)s", shop=settings().name),
            sentence=_("Your account has a new passkey, “%(label)s”.", label=passkey.label),
            advice=_("If you did not make it, remove it on your security page at once."),
        )
    return passkey


def _transports(credential: str) -> list[str]:
    named = json.loads(credential)["response"].get("transports")
    named = named if isinstance(named, list) else []
    return sorted(TRANSPORTS.intersection(str(name) for name in named))
