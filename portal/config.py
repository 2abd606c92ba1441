"""Every setting, from the environment and instance/config.env; a wrong one stops the start."""

import os
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class WrongSetting(Exception):
    """A setting that cannot be used; the sentence says which and what would be right."""


@dataclass(frozen=True)
class Config:
    """What the installation needs to know before it can open its database."""

    instance: Path
    database_url: str
    secret_key: str
    base_url: str
    mail_url: str = ""
    mail_from: str = ""
    sms_url: str = ""
    bounces_url: str = ""
    geo_database: str = ""
    trusted_proxy: str = ""
    demo: bool = False
    local_providers: bool = False

    @property
    def https(self) -> bool:
        """Whether people reach the shop over TLS (cookies become Secure and __Host-)."""
        return self.base_url.startswith("https://")

    @property
    def rp_id(self) -> str:
        """The WebAuthn relying party id: the host name of BASE_URL."""
        return urlsplit(self.base_url).hostname or "localhost"


def read_config(*, demo: bool = False, **given: str) -> Config:
    """Settings from keyword arguments, then the environment, then instance/config.env.

    Raises WrongSetting. `demo` moves the database to instance/demo.sqlite3 and ignores
    DATABASE_URL and MAIL_URL, so that a demo never touches a real shop or mails anybody.
    """
    instance = Path(given.get("instance") or os.environ.get("INSTANCE") or ROOT / "instance")
    instance.mkdir(parents=True, exist_ok=True)
    stored = _read_env_file(instance / "config.env")

    def setting(name: str, default: str = "") -> str:
        return (
            given.get(name.lower()) or os.environ.get(name) or stored.get(name) or default
        ).strip()

    base_url = _base_url(setting("BASE_URL", f"http://localhost:{setting('PORT', '8000')}"))
    name = "demo.sqlite3" if demo else "portal.sqlite3"
    own_file = f"sqlite:///{(instance / name).resolve()}"
    database_url = given.get("database_url") or (
        own_file if demo else setting("DATABASE_URL", own_file)
    )
    if not database_url.startswith(("sqlite:///", "postgres://", "postgresql://")):
        raise WrongSetting("DATABASE_URL must start with sqlite:/// or postgresql://.")
    return Config(
        instance=instance,
        database_url=database_url,
        secret_key=setting("SECRET_KEY") or _own_key(instance),
        base_url=base_url,
        mail_url="" if demo else _mail_url(setting("MAIL_URL")),
        mail_from=setting("MAIL_FROM", f"account@{urlsplit(base_url).hostname}"),
        sms_url="" if demo else _sms_url(setting("SMS_URL")),
        bounces_url="" if demo else _bounces_url(setting("BOUNCES_URL")),
        geo_database=_geo_database(setting("GEO_DATABASE")),
        trusted_proxy=_proxy(setting("TRUSTED_PROXY")),
        demo=demo,
        local_providers=_local_providers(setting("LOCAL_PROVIDERS"), base_url),
    )


def _read_env_file(path: Path) -> dict[str, str]:
    values = {}
    if path.exists():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, equals, value = line.partition("=")
            if not equals:
                raise WrongSetting(f"{path}, line {number}: write NAME=value.")
            values[name.strip()] = value.strip().strip("'\"")
    return values


def _base_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
        raise WrongSetting(
            f"BASE_URL is “{text}”; it must be the address that people type, "
            "such as https://account.example.com, without a path."
        )
    if url.scheme == "http" and url.hostname != "localhost":
        raise WrongSetting(
            f"BASE_URL is “{text}”; passkeys need https everywhere but on http://localhost."
        )
    return text.rstrip("/")


def _mail_url(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("smtp", "smtps") or not urlsplit(text).hostname):
        raise WrongSetting("MAIL_URL must look like smtp://name:password@mail.example.com:587.")
    return text


def _bounces_url(text: str) -> str:
    url = urlsplit(text)
    if text and (url.scheme not in ("imap", "imaps") or not url.hostname or not url.username):
        raise WrongSetting(
            "BOUNCES_URL must look like imaps://name:password@mail.example.com/INBOX: the mailbox "
            "that gets what mail servers send back."
        )
    return text


def _geo_database(text: str) -> str:
    if text and not Path(text).is_file():
        raise WrongSetting(
            f"GEO_DATABASE is “{text}”; it must be a file in MaxMind’s format (.mmdb), or left out."
        )
    return text


def _local_providers(text: str, base_url: str) -> bool:
    """Whether providers on http://localhost may be asked: only by a shop that is there itself."""
    if text not in ("", "0", "1"):
        raise WrongSetting("LOCAL_PROVIDERS must be 1, or left out.")
    if text == "1" and urlsplit(base_url).hostname != "localhost":
        raise WrongSetting("LOCAL_PROVIDERS is for trying out on http://localhost only.")
    return text == "1"


def _sms_url(text: str) -> str:
    """Where text messages go; without TLS only to this machine, since a token goes along."""
    url = urlsplit(text)
    here = url.hostname in ("127.0.0.1", "::1", "localhost")
    safe = url.scheme == "twilio" or (url.scheme == "twilio+http" and here)
    if text and not (safe and url.username and url.password and url.path.strip("/")):
        raise WrongSetting(
            "SMS_URL must look like twilio://ACCOUNT:TOKEN@api.twilio.com/+15550100 (the number or "
            "messaging service that sends)."
        )
    return text


def _proxy(text: str) -> str:
    if text:
        try:
            ip_address(text)
        except ValueError:
            raise WrongSetting(
                f"TRUSTED_PROXY is “{text}”; it must be the proxy's IP address, such as 127.0.0.1."
            ) from None
    return text


def _own_key(instance: Path) -> str:
    """The installation's secret key, made at the first start, readable by its user only."""
    path = instance / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text("ascii").strip()
