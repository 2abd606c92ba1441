"""Keys to accounts as they are stored, for tests that count them."""

from portal.lib.clock import now
from portal.members.models import Authenticator, Member, Passkey, Password
from portal.providers.models import LinkedAccount, Provider


def make_passkey(member: Member, name: str = "phone") -> Passkey:
    """One of a member's passkeys."""
    return Passkey.create(
        member=member, credential_id=f"{member.id}-{name}", public_key=b"", label=name
    )


def make_link(member: Member, subject: str = "s", *, enabled: bool = True) -> LinkedAccount:
    """An account elsewhere that opens a member's."""
    provider, _new = Provider.get_or_create(
        key="on" if enabled else "off",
        defaults={"preset": "oidc", "name": "Tandem", "client_id": "c", "enabled": enabled},
    )
    return LinkedAccount.create(member=member, provider=provider, issuer="i", subject=subject)


def make_app(member: Member) -> Authenticator:
    """An authenticator app that counts."""
    return Authenticator.create(member=member, sealed="", label="app", confirmed_at=now())


def make_password(member: Member) -> None:
    """A password."""
    Password.create(member=member, hash="x")
