"""Short ways to make the people and things that tests talk about."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from portal.catalog.models import Product
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.members.models import EmailAddress, Member, fold_email
from portal.members.models.search import index_member
from portal.orders.models import Order, OrderLine
from portal.payments.models import Payment, Refund

_serial = count(1)


def make_member(name: str = "Alice Janssens", email: str | None = None, **values: Any) -> Member:
    """A member with one (unverified) address, findable by agents."""
    with write_tx():
        member = Member.make(name=name, role=values.pop("role", None))
        if values:
            Member.update(**values).where(Member.id == member.id).execute()
        if email is None:
            email = f"{name.split()[0].lower()}{next(_serial)}@example.com"
        if email:
            EmailAddress.create(member=member, address=email, folded=fold_email(email))
        index_member(member)
    return Member.get_by_id(member.id)


def make_order(
    member: Member | None,
    number: str | None = None,
    *,
    total: int = 8740,
    currency: str = "EUR",
    placed_at: datetime | None = None,
    lines: list[tuple[str, int, int]] | None = None,
    shop: str = "default",
    refunded: int = 0,
    paid: bool = True,
    shipping: int = 0,
    **values: Any,
) -> Order:
    """An order that adds up. `lines` are (title, quantity, unit price); one line by default."""
    placed_at = placed_at or now() - timedelta(days=3)
    lines = lines or [("Sencha, first flush, 100 g", 1, total - shipping)]
    items = sum(quantity * price for _title, quantity, price in lines)
    with write_tx():
        order = Order.create(
            shop=shop,
            number=number or str(1000 + next(_serial)),
            member=member,
            email="",
            placed_at=placed_at,
            currency=currency,
            items=items,
            shipping=shipping,
            total=items + shipping,
            refunded=refunded,
            pay_status="paid" if paid else "pending",
            outstanding=0 if paid else items + shipping,
            paid_at=placed_at if paid else None,
            state_at=placed_at,
            summary=lines[0][0],
            line_count=len(lines),
            **values,
        )
        for position, (title, quantity, price) in enumerate(lines):
            product, _made = Product.get_or_create(
                shop=shop,
                sku=title[:40].upper(),
                defaults={"title": title, "price": price, "currency": currency},
            )
            OrderLine.create(
                order=order,
                position=position,
                product=product,
                sku=product.sku,
                title=title,
                quantity=quantity,
                unit_price=price,
                total=quantity * price,
            )
        if paid:
            Payment.create(
                order=order, member=member, key="summary", at=placed_at, amount=order.total,
                currency=currency, method="Visa", summary=True, kind="summary",
            )  # fmt: skip
        if refunded:
            Refund.create(
                order=order, member=member, key="summary", at=placed_at, amount=refunded,
                currency=currency, summary=True,
            )  # fmt: skip
    return order
