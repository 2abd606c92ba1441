"""Which mailbox an e-mail address reaches: dots, +tags and slips of the keyboard taken out."""

from functools import lru_cache

#: Where everything behind a + is a tag of the same mailbox.
_TAGS = {
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "icloud.com", "me.com",
    "fastmail.com", "proton.me", "protonmail.com", "pm.me", "yandex.com", "zoho.com",
}  # fmt: skip
_SAME = {"googlemail.com": "gmail.com", "protonmail.com": "proton.me", "pm.me": "proton.me"}
_KNOWN = _TAGS | {
    "googlemail.com", "yahoo.com", "yahoo.co.uk", "yahoo.fr", "yahoo.de", "hotmail.co.uk",
    "hotmail.fr", "hotmail.de", "hotmail.nl", "hotmail.be", "live.nl", "live.be", "live.co.uk",
    "aol.com", "mail.com", "ymail.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch",
    "web.de", "t-online.de", "orange.fr", "free.fr", "laposte.net", "btinternet.com", "telenet.be",
    "skynet.be", "ziggo.nl", "kpnmail.nl", "libero.it", "comcast.net", "mac.com",
    "rocketmail.com",
}  # fmt: skip
#: Local parts that say who somebody is at work, not who they are.
_ROLES = {
    "info", "mail", "contact", "office", "shop", "sales", "hello", "admin", "support", "order",
    "orders", "post", "team", "service", "accounts", "webmaster", "noreply", "enquiries",
}  # fmt: skip
SHORTEST = 5  # letters of a local part that tell a person


def mailbox(folded: str) -> str:
    """The mailbox behind a folded address, as far as big providers are known to agree."""
    local, _at, domain = folded.rpartition("@")
    domain = _SAME.get(domain, domain)
    if domain in _TAGS:
        local = local.partition("+")[0]
    if domain == "gmail.com":
        local = local.replace(".", "")
    return f"{local}@{domain}"


def meant(folded: str) -> str:
    """The mailbox once a domain one slip away from a known one is read as that one."""
    local, _at, domain = folded.rpartition("@")
    return mailbox(f"{local}@{_meant(domain)}")


def own_part(folded: str) -> str:
    """The part before the @ without tag and dots, or nothing where it tells no person."""
    local = folded.rpartition("@")[0].partition("+")[0]
    plain = local.replace(".", "").replace("_", "").replace("-", "")
    return plain if len(plain) >= SHORTEST and local not in _ROLES else ""


@lru_cache(maxsize=4096)
def _meant(domain: str) -> str:
    if domain in _KNOWN:
        return domain
    near = sorted(known for known in _KNOWN if _one_slip(domain, known))
    return near[0] if len(near) == 1 else domain


def _one_slip(typed: str, known: str) -> bool:
    """One letter more, less, other, or two neighbours exchanged."""
    if abs(len(typed) - len(known)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(known)) and typed[start] == known[start]:
        start += 1
    a, b = typed[start:], known[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or swapped
