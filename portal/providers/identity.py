"""Who somebody is at another service, once its word was checked."""

from dataclasses import asdict, dataclass
from typing import Any

from portal.lib.mail import is_address


@dataclass(frozen=True)
class Identity:
    """An account elsewhere: `issuer` and `subject` are its key, the rest is what it says.

    `verified`: whether the provider proved the address itself.
    """

    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    verified: bool = False

    @property
    def shown(self) -> str:
        """What tells one account from another: its address, or its name."""
        return (self.email or self.name)[:320]

    def kept(self) -> dict[str, Any]:
        """What waits, sealed, until the person says what to do with it."""
        return asdict(self)


def identity(
    issuer: str, subject: object, name: object, email: object, verified: object
) -> Identity | None:
    """An identity of what a provider said, made fit for the tables; None without a key."""
    key = subject if isinstance(subject, str) else ""
    if not key or len(key) > 255 or len(issuer) > 300 or "\0" in key:
        return None
    address = email.strip() if isinstance(email, str) else ""
    address = address if is_address(address) else ""
    return Identity(
        issuer=issuer,
        subject=key,
        name=_plain(name)[:200],
        email=address,
        verified=bool(address) and (verified is True or verified == "true"),
    )


def _plain(name: object) -> str:
    text = name if isinstance(name, str) else ""
    return " ".join("".join(c for c in text if c.isprintable()).split())
