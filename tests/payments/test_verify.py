"""The check that every payment and refund belongs to its order's member."""

from factories import make_member, make_order

from portal.payments.models import Payment, Refund
from portal.payments.verify import problems


def test_sound_payments_bring_no_problems(app):
    make_order(make_member(), refunded=100)
    make_order(None, refunded=100)
    assert list(problems()) == []


def test_a_payment_of_another_member_or_currency_is_named(app):
    make_order(make_member(), "1", refunded=100)
    bob = make_member("Bob Claes")
    make_order(None, "2")
    paid, loose = Payment.select().order_by(Payment.id)
    back = Refund.get()
    Payment.update(currency="USD").where(Payment.id == paid.id).execute()
    Payment.update(member=bob).where(Payment.id == loose.id).execute()
    Refund.update(member=bob).where(Refund.id == back.id).execute()
    assert list(problems()) == [
        f"payment {paid.id}: not of the member and currency of order 1 of default",
        f"payment {loose.id}: not of the member and currency of order 2 of default",
        f"refund {back.id}: not of the member and currency of order 1 of default",
    ]
