"""The check that every order adds up."""

from factories import make_member, make_order

from portal.lib.db import db, is_sqlite
from portal.orders.models import Order, OrderLine
from portal.orders.verify import problems


def test_sound_orders_bring_no_problems(app):
    make_order(make_member(), shipping=490)
    make_order(None, lines=[("Sencha", 3, 700), ("Hojicha", 1, 900)])
    assert list(problems()) == []


def test_every_broken_sum_is_named(app):
    alice = make_member()
    total = make_order(alice, "1", total=1000)
    lines = make_order(alice, "2", total=1000)
    line = make_order(alice, "3", total=1000)
    empty = make_order(alice, "4", total=1000)
    Order.update(total=999).where(Order.id == total.id).execute()
    OrderLine.update(total=900, unit_price=900).where(OrderLine.order == lines.id).execute()
    OrderLine.update(discount=1).where(OrderLine.order == line.id).execute()
    OrderLine.delete().where(OrderLine.order == empty.id).execute()
    wrong = OrderLine.get(OrderLine.order == line.id)
    assert list(problems()) == [
        "order 1 of default: its parts come to 1000, its total is 999",
        "order 2 of default: its lines come to 900, its items to 1000",
        "order 4 of default: its lines come to 0, its items to 1000",
        f"order line {wrong.id}: quantity × price − discount is not its total",
    ]


def test_a_line_without_its_order_is_named(app):
    if not is_sqlite():
        return
    order = make_order(make_member())
    line = order.lines.get()
    db.execute_sql("PRAGMA foreign_keys = OFF")
    db.execute_sql('DELETE FROM "order"')
    db.execute_sql("PRAGMA foreign_keys = ON")
    assert list(problems()) == [f"order line {line.id}: its order is gone"]
