"""The small step against bots: a stamp of ours, and a sum done over it or a while waited with it.

No third party and no puzzle: a browser looks for PARTS numbers whose SHA-256 with the stamp's
nonce begins with BITS zero bits. Who can't, without JavaScript, comes back with the stamp later.
"""

import hmac
import re
import time
from dataclasses import dataclass
from hashlib import sha256

from portal.lib.throttle import once
from portal.lib.tokens import keyed, new_token

BITS = 14
PARTS = 8  # 8 × 2^14 = 131,072 hashes on average; several small sums vary less than one big one
LIVES = 600  # seconds
WAIT = 20  # seconds, for who does no sum
_STAMP = re.compile(r"([\w-]{22})\.(\d{10})\.([0-9a-f]{16})\.([0-9a-f]{64})", re.ASCII)
_WORK = re.compile(rf"\d{{8}}(,\d{{8}}){{{PARTS - 1}}}", re.ASCII)


@dataclass(frozen=True)
class Stamp:
    """A stamp that we gave out and that has not expired; `text` goes into the form."""

    text: str
    nonce: str
    issued: int
    client: str

    @property
    def rest(self) -> int:
        """Seconds that whoever does no sum still has to wait."""
        return max(0, self.issued + WAIT - int(time.time()))


def issue(purpose: str, client: str) -> Stamp:
    """A new stamp for one form, given to one network address."""
    nonce, issued, whose = new_token()[:22], int(time.time()), _whose(client)
    mac = _mac(purpose, nonce, issued, whose)
    return Stamp(f"{nonce}.{issued}.{whose}.{mac}", nonce, issued, whose)


def read(text: str, purpose: str) -> Stamp | None:
    """The stamp that came with a form; None for one that is not ours, of another form, or old."""
    parts = _STAMP.fullmatch(text)
    if parts is None:
        return None
    nonce, issued, whose, mac = parts[1], int(parts[2]), parts[3], parts[4]
    if not hmac.compare_digest(mac, _mac(purpose, nonce, issued, whose)):
        return None
    return Stamp(text, nonce, issued, whose) if issued + LIVES > time.time() else None


def solved(stamp: Stamp, work: str) -> bool:
    """Whether these are PARTS different numbers that the sum asks for."""
    if not _WORK.fullmatch(work):
        return False
    numbers = set(work.split(","))
    return len(numbers) == PARTS and all(_fits(stamp.nonce, number) for number in numbers)


def belongs(stamp: Stamp, client: str) -> bool:
    """Whether the stamp was given to this network address: only there it can be waited with."""
    return stamp.client == _whose(client)


def use(stamp: Stamp) -> bool:
    """Use a stamp up: True for exactly one caller."""
    return once(f"step:{stamp.nonce}", stamp.issued + LIVES)


def _fits(nonce: str, number: str) -> bool:
    found = sha256(f"{nonce}:{number}".encode()).digest()
    return int.from_bytes(found[:4], "big") >> (32 - BITS) == 0


def _whose(client: str) -> str:
    return keyed("step-client", client)[:16]


def _mac(purpose: str, nonce: str, issued: int, whose: str) -> str:
    return keyed("step", f"{purpose} {nonce} {issued} {whose}")
