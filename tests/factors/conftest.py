"""Passwords and codes are hashed quickly here; a test marked `real_hashes` takes the real cost."""

import pytest
from argon2 import PasswordHasher

from portal.factors import hashing

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NOBODY = QUICK.hash("nobody's")


@pytest.fixture(autouse=True)
def quick_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same argon2id with the smallest parameters: hundreds of guesses are typed here."""
    if request.node.get_closest_marker("real_hashes"):
        return
    monkeypatch.setattr(hashing, "_hasher", QUICK)
    monkeypatch.setattr(hashing, "NOBODY", NOBODY)
    monkeypatch.setattr(hashing, "CODE_COST", {"time_cost": 1, "memory_cost": 64})
