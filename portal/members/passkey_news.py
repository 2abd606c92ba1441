"""What a browser is told about passkeys, so that its list agrees with the shop's.

The WebAuthn signal API (`PublicKeyCredential.signal…`), where the browser has it: pages carry the
calls as attributes, `static/passkey-news.js` makes them.
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from webauthn.helpers import bytes_to_base64url

from portal.members.models import EmailAddress, Member, Passkey


@dataclass(frozen=True)
class News:
    """One call: the end of its name after `signal`, and its options."""

    signal: str
    options: dict[str, Any]


def unknown(credential_id: str) -> list[News]:
    """The shop does not know this passkey: the browser need not offer it any more."""
    if not credential_id:
        return []
    return [News("UnknownCredential", {"rpId": _here(), "credentialId": credential_id})]


def of(member: Member) -> list[News]:
    """Which passkeys a member has here, and how the account is called; [] before the first one."""
    whole = Member.get_by_id(member.id)  # the session's row leaves the handle out
    if not whole.user_handle:
        return []
    who = {"rpId": _here(), "userId": bytes_to_base64url(bytes(whole.user_handle))}
    kept = Passkey.select().where(Passkey.member == whole.id).order_by(Passkey.id)
    accepted = [passkey.credential_id for passkey in kept]
    news = [News("AllAcceptedCredentials", {**who, "allAcceptedCredentialIds": accepted})]
    if accepted:
        names = {"name": account_name(whole), "displayName": whole.shown_name}
        news.append(News("CurrentUserDetails", {**who, **names}))
    return news


def account_name(member: Member) -> str:
    """How a password manager lists the account: by its address, or its number."""
    email = EmailAddress.of(member)
    return email.address if email else member.number


def _here() -> str:
    return str(current_app.config["RP_ID"])
