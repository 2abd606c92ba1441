"""How passwords and recovery codes are kept: argon2id, at most two at a time in each process."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

_hasher = PasswordHasher()  # RFC 9106: 64 MiB, 3 passes, 4 lanes
_turn = BoundedSemaphore(2)  # each takes 64 MiB, and a flood of tries must not take all memory
CODE_COST = {"time_cost": 2, "memory_cost": 19 * 1024}  # passes, and KiB of memory
#: What nobody's password is held against, so that strangers wait as long as members do.
NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$/713St4cgThNmR2zCAj8BA$"
    "bxvtbxVagWqTY8/dpVzk3M218XNIkQGEK5Ft7gyUMO4"
)


def hashed(password: str) -> str:
    """What is stored instead of a password; takes about a tenth of a second."""
    with _turn:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one; without a stored one it takes as long and is False."""
    with _turn:
        try:
            right = _hasher.verify(stored or NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def outdated(stored: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def slow_digest(secret: str, salt: bytes) -> str:
    """A hash that can be looked up, for random secrets of some sixty bits; argon2id, in hex.

    Cheaper than that of a password: such a secret is not guessed, and ten are hashed at once.
    """
    with _turn:
        raw = hash_secret_raw(
            secret.encode(),
            salt,
            **CODE_COST,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )
    return f"argon2id:{raw.hex()}"
