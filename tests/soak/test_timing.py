"""Nobody learns from the time of an answer whether the shop knows an address.

Each public form is sent 200 times with an address that a member has and 200 times with one that
nobody has, in random order, to the served shop; the two sets of times are held against each other
by Mann and Whitney's test.
"""

import http.client
import math
import re
import threading
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from factories import make_member, make_order
from serving import served

from portal.factors.hashing import hashed
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.throttle import Throttle
from portal.members.models import EmailAddress, Password
from portal.orders.models import Order
from portal.shop.models import change_settings

pytestmark = pytest.mark.soak

TRIES = 200  # of each kind
CLEARED = 15  # tries after which the limits are forgotten, and one is sent that counts nothing
SECRET = "k" * 43  # that of the app in tests/conftest.py
WRONG = "not the password of anybody"

#: Form: the page it stands on, where it goes, and what is typed besides the address.
FORMS = {
    "code": ("/sign-in", "/sign-in/code", {}),
    "password": ("/sign-in", "/sign-in/password", {"password": WRONG}),
    "join": ("/join", "/join", {"name": "Maren Holt"}),
    "recover": ("/recover", "/recover", {}),
    "order": ("/orders/find", "/orders/find/mail", {"number": "{number}"}),
}


class Shown(NamedTuple):
    """What the two sets of times came to; seconds."""

    known: float
    unknown: float
    p: float

    @property
    def apart(self) -> float:
        return abs(self.known - self.unknown)


def mann_whitney(first: list[float], second: list[float]) -> float:
    """Two-sided p that both come from one distribution: normal approximation, with ties."""
    pooled = sorted([(x, 0) for x in first] + [(x, 1) for x in second])
    m, n, total = len(first), len(second), len(pooled)
    ranks = ties = 0.0
    start = 0
    while start < total:
        end = start
        while end < total and pooled[end][0] == pooled[start][0]:
            end += 1
        rank = (start + 1 + end) / 2
        ranks += rank * sum(1 for _x, which in pooled[start:end] if which == 0)
        ties += (end - start) ** 3 - (end - start)
        start = end
    u = ranks - m * (m + 1) / 2
    spread = math.sqrt(m * n / 12 * (total + 1 - ties / (total * (total - 1))))
    z = max(0.0, abs(u - m * n / 2) - 0.5) / spread
    return math.erfc(z / math.sqrt(2))


class Stranger:
    """Somebody who sends forms to the served shop, each time from another network address."""

    def __init__(self, port: int, form: str, seed: int) -> None:
        self.port, self.random = port, Random(seed)
        page, self.path, self.more = FORMS[form]
        _seconds, _status, text, cookie = self._ask("GET", page, None, "")
        self.cookie = cookie.partition(";")[0]
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found
        self.token = unescape(found[1])

    def send(self, email: str, number: str) -> tuple[float, int]:
        """Seconds and status of the answer."""
        typed = {name: value.format(number=number) for name, value in self.more.items()}
        body = urlencode({"csrf_token": self.token, "email": email, **typed})
        seconds, status, _text, _cookie = self._ask("POST", self.path, body, self.cookie)
        return seconds, status

    def _ask(self, method: str, path: str, body: str | None, cookie: str):
        source = f"127.{self.random.randrange(1, 255)}.{self.random.randrange(256)}.9"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(source, 0)
        )
        headers = {"Host": f"localhost:{self.port}", "Cookie": cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.connect()
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        seconds = time.perf_counter() - began
        connection.close()
        return seconds, answer.status, text, answer.headers.get("Set-Cookie", "")


@pytest.fixture
def shop(app, tmp_path: Path, database_url: str) -> Iterator[int]:
    """The port of a served shop where `known000@example.com` and so on are members."""
    change_settings(passwords=True)
    secret = hashed("the right one of everybody")
    with write_tx():
        for number in range(TRIES):
            member = make_member("Ada Lovelace", address("known", number), joined_at=now())
            Password.create(member=member, hash=secret, set_at=now())
            order = make_order(member, f"K{number:03}")
            Order.update(email=address("known", number)).where(Order.id == order.id).execute()
        EmailAddress.update(verified_at=now()).execute()
    values = {"SECRET_KEY": SECRET, "DATABASE_URL": database_url}
    with served(tmp_path, "--processes", "1", **values) as running:
        # Nobody reads the log otherwise, and a full pipe stops whoever writes into it.
        threading.Thread(target=running.process.stderr.read, daemon=True).start()
        yield running.port
        assert running.stop() == 0


def address(kind: str, number: int) -> str:
    """Known and unknown ones are as long."""
    return f"{kind[-5:]}{number:03}@example.com"


def tries(port: int, form: str, seed: int) -> Shown:
    """Send the form, and hold the times of known and unknown addresses against each other."""
    order = [(kind, number) for kind in ("known", "strng") for number in range(TRIES)]
    Random(seed).shuffle(order)
    stranger = Stranger(port, form, seed)
    taken: dict[str, list[float]] = {"known": [], "strng": []}
    answers = set()
    for place, (kind, number) in enumerate(order):
        if place % CLEARED == 0:
            with write_tx():
                Throttle.delete().execute()
            stranger.send(f"warm{place}x{seed}@example.com", "W1")
        letter = "K" if kind == "known" else "N"
        seconds, status = stranger.send(address(kind, number), f"{letter}{number:03}")
        taken[kind].append(seconds)
        answers.add(status)
    assert len(answers) == 1
    assert answers <= {200, 303, 422}
    known, unknown = taken["known"], taken["strng"]
    return Shown(median(known), median(unknown), mann_whitney(known, unknown))


@pytest.mark.parametrize("form", FORMS)
def test_known_and_unknown_addresses_take_the_same_time(shop: int, form: str) -> None:
    """A low p comes by chance once in a hundred times, and a busy machine moves medians: what
    differs is measured again, three times in all. What leaks differs each time."""
    for seed in (1, 2, 3):
        shown = tries(shop, form, seed)
        print(
            f"\n{form}: known {shown.known * 1000:.2f} ms, unknown {shown.unknown * 1000:.2f} ms, "
            f"p = {shown.p:.3f}"
        )
        if shown.p > 0.01 and shown.apart < 0.005:
            return
    raise AssertionError(f"the times of {form} differ, three times: {shown}")


def test_the_measure_finds_what_differs() -> None:
    """Else a passed test would say nothing. Half of what the noise is does not go unseen."""
    random = Random(5)
    one = [random.gauss(10, 1) for _try in range(TRIES)]
    same = [random.gauss(10, 1) for _try in range(TRIES)]
    other = [random.gauss(10.5, 1) for _try in range(TRIES)]
    assert mann_whitney(one, same) > 0.01
    assert mann_whitney(one, other) < 0.001
    assert mann_whitney([1, 2, 3] * 20, [1, 2, 3] * 20) == 1.0
