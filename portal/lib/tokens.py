"""Secrets: random tokens, their hashes, and sealing under the shop's SECRET_KEY."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32, no 0 1 I O


def new_token() -> str:
    """A URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored instead of a token: SHA-256 in hex; fit for random tokens only."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(purpose: str, text: str) -> str:
    """A short secret's hash, useless without SECRET_KEY: HMAC-SHA-256 in hex."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def seal(text: str, purpose: str = "sealed") -> str:
    """Encrypt a secret that has to wait somewhere (a mail in the outbox, a code)."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, purpose: str = "sealed") -> str | None:
    """The secret again, or None when it was sealed with another key or changed."""
    try:
        return _fernet(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def new_code(length: int = 6) -> str:
    """A code to read aloud and type: letters and digits without look-alikes (5 bits each)."""
    bits = secrets.randbits(5 * length)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(length))


def plain_code(typed: str) -> str:
    """What a person typed, as the code was written: blanks and hyphens gone, upper case."""
    return "".join(c for c in typed.upper() if c.isascii() and c.isalnum())


def check_character(body: str) -> str:
    """The last character of a member number (Luhn mod 32): catches typos and swaps."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def new_number() -> str:
    """A fresh member number, `K7QM-4TX2-Q`: eight random characters and a check character."""
    body = new_code(8)
    return f"{body[:4]}-{body[4:]}-{check_character(body)}"


def is_number(text: str) -> bool:
    """Whether the text is a member number that checks, hyphens and case aside."""
    plain = plain_code(text)
    known = len(plain) == 9 and all(c in ALPHABET for c in plain)
    return known and check_character(plain[:8]) == plain[8]


def _key(purpose: str) -> bytes:
    secret = current_app.config["SECRET_KEY"]
    return hashlib.blake2b(secret.encode(), person=b"regulars", salt=purpose.encode()[:16]).digest()


def _fernet(purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(purpose)[:32]))
