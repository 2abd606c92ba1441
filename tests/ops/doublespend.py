"""Sixteen processes at one balance in the same instant, round after round.

`python doublespend.py SCENARIO ROUNDS DATABASE_URL FOLDER` prints what was found wrong, as JSON.
Every process is a client of its own, with its own connection, as web processes are.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, NamedTuple

from factories import make_member, make_order
from flask import Flask
from peewee import OperationalError

from portal import create_app
from portal.config import read_config
from portal.duplicates.merge import merge
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.refused import Refused
from portal.loyalty.models import PointsAccount, Voucher
from portal.loyalty.points import book_orders
from portal.loyalty.vouchers import adjust, redeem
from portal.members.models import Member
from portal.ops.verify import problems
from portal.orders.models import Order
from portal.shop.models import change_settings, forget

CROWD = 16
POINTS = 500


class Scenario(NamedTuple):
    """What the clients do in a round, and a sentence when the round came out wrong."""

    work: Callable[[Member, int, int], Any]  # member, round, client
    wrong: Callable[[Member, list[Any]], str]
    orders: bool = False  # the points come from five orders, not from a present


def different_keys(member: Member, turn: int, client: int) -> Any:
    """Everybody wants a voucher of their own."""
    return redeem(member, 100, f"round-{turn}-client-{client}").code


def same_key(member: Member, turn: int, client: int) -> Any:
    """One form, sent by everybody."""
    return redeem(member, 300, f"round-{turn}-the-same-form").code


def against_refund(member: Member, turn: int, client: int) -> Any:
    """Half want vouchers while half of the orders' money goes back."""
    if client % 2:
        return different_keys(member, turn, client)
    orders = list(Order.select().where(Order.member == member).order_by(Order.id))
    with write_tx():
        order = orders[client % 5]
        Order.update(refunded=5000).where(Order.id == order.id).execute()
        book_orders([order.id])
    return None


def against_adjustment(member: Member, turn: int, client: int) -> Any:
    """Half want vouchers while staff takes points away."""
    if client % 2:
        return different_keys(member, turn, client)
    adjust(member, -50, "A slip", member, key=f"round-{turn}-client-{client}")
    return -50


def against_merge(member: Member, turn: int, client: int) -> Any:
    """All spend from one number or the other while staff joins the two."""
    kept = Member.get(Member.name == f"Kept for {member.id}")
    if client == 0:
        merge(kept, member, Member.get(Member.role == "owner"), "The same person")
        return None
    return different_keys(kept if client % 2 else member, turn, client)


def spent(member: Member) -> int:
    """What vouchers took."""
    return sum(row.points for row in Voucher.select().where(Voucher.member == member))


def purse(member: Member) -> tuple[int, int]:
    """Balance and what is owed."""
    account = PointsAccount.get_or_none(PointsAccount.member == member)
    return (account.balance, account.owed) if account else (0, 0)


def five_vouchers(member: Member, answers: list[Any]) -> str:
    """Five of sixteen get one, and nothing is left."""
    got = [answer for answer in answers if isinstance(answer, str) and answer != "refused"]
    if (len(set(got)), len(got), purse(member)) == (5, 5, (0, 0)):
        return ""
    return f"{len(got)} vouchers, {purse(member)} left"


def one_voucher(member: Member, answers: list[Any]) -> str:
    """Everybody is shown the same one."""
    if len(set(answers)) == 1 and "refused" not in answers and purse(member) == (200, 0):
        return ""
    return f"answers {set(answers)}, {purse(member)} left"


def adds_up(member: Member, answers: list[Any]) -> str:
    """Half of the points went back; what was spent before that is owed."""
    balance, owed = purse(member)
    if balance - owed == POINTS // 2 - spent(member) and spent(member) <= POINTS:
        return ""
    return f"{balance} left, {owed} owed, {spent(member)} spent"


def nothing_made(member: Member, answers: list[Any]) -> str:
    """Spent, taken and left come to what was given."""
    taken = 50 * answers.count(-50)
    balance, owed = purse(member)
    if taken + spent(member) + balance == POINTS and not owed and "refused" in answers:
        return ""
    return f"{taken} taken, {spent(member)} spent, {balance} left, {owed} owed"


def same_in_two_purses(member: Member, answers: list[Any]) -> str:
    """What is in both purses and what was spent from both is what there was."""
    kept = Member.get(Member.name == f"Kept for {member.id}")
    left, owed = (sum(pair) for pair in zip(purse(member), purse(kept), strict=True))
    gone = spent(member) + spent(kept)
    if left + gone == POINTS and not owed and gone and purse(member) == (0, 0):
        return ""
    return f"{gone} spent, {purse(member)} and {purse(kept)} left"


SCENARIOS = {
    "different-keys": Scenario(different_keys, five_vouchers),
    "same-key": Scenario(same_key, one_voucher),
    "refund": Scenario(against_refund, adds_up, orders=True),
    "adjustment": Scenario(against_adjustment, nothing_made),
    "merge": Scenario(against_merge, same_in_two_purses),
}


def main() -> None:
    """Run the rounds and print what was wrong."""
    name, rounds, url, folder = sys.argv[1:]
    app = create_app(read_config(instance=folder, database_url=url, secret_key="k" * 43))
    with app.app_context():
        db.connect(reuse_if_open=True)
        change_settings(points_per_unit=1, point_worth=1)
        make_member("Marit", role="owner")
        db.close()
        with suppress(AttributeError):
            db.obj.close_all()
    began = time.monotonic()
    wrong = _rounds(app, SCENARIOS[name], int(rounds))
    with app.app_context():
        db.connect(reuse_if_open=True)
        wrong += problems()
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"rounds": int(rounds), "wrong": wrong, "seconds": seconds}))


def _rounds(app: Flask, scenario: Scenario, rounds: int) -> list[str]:
    fork = get_context("fork")
    start = fork.Barrier(CROWD)
    pipes = [fork.Pipe() for _ in range(CROWD)]
    clients = [
        fork.Process(target=_client, args=(app, scenario, n, start, pipes[n][1]), daemon=True)
        for n in range(CROWD)
    ]
    for client in clients:
        client.start()
    wrong = []
    with app.app_context():
        db.connect(reuse_if_open=True)
        for turn in range(rounds):
            member = _rich_member(turn, scenario.orders)
            for pipe, _theirs in pipes:
                pipe.send((turn, member.id))
            answers = [pipe.recv() for pipe, _theirs in pipes]
            if sentence := scenario.wrong(member, answers):
                wrong.append(f"round {turn}: {sentence}")
        for pipe, _theirs in pipes:
            pipe.send(None)
        db.close()
    for client in clients:
        client.join()
    return wrong


def _rich_member(turn: int, orders: bool) -> Member:
    member = make_member(f"Member {turn}", email=f"member{os.getpid()}-{turn}@example.com")
    if orders:
        placed = now() - timedelta(days=60)
        made = [make_order(member, total=10_000, placed_at=placed) for _ in range(5)]
        book_orders([order.id for order in made])
    else:
        adjust(member, POINTS, "A present", member)
        make_member(f"Kept for {member.id}", email="")
    return member


def _client(app: Flask, scenario: Scenario, number: int, start: Any, pipe: Any) -> None:
    forget()
    with app.app_context():
        db.connect(reuse_if_open=True)
        while (told := pipe.recv()) is not None:
            turn, member_id = told
            member = Member.get_by_id(member_id)
            start.wait()
            pipe.send(_answer(lambda: scenario.work(member, turn, number)))  # noqa: B023
        db.close()


def _answer(ask: Callable[[], Any]) -> Any:
    """The answer, or `refused`; who was told that the shop is busy asks again."""
    while True:
        try:
            return ask()
        except Refused:
            return "refused"
        except OperationalError as busy:
            if "locked" not in str(busy):
                raise


if __name__ == "__main__":
    main()
