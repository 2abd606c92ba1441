"""Two numbers, one person: everything moves, both numbers stay, and all of it can be taken back."""

from datetime import timedelta

import pytest
from duplicate_people import again, bought, call, held
from exports import order as row
from factories import make_member

from portal.duplicates.merge import merge
from portal.duplicates.models import Move
from portal.duplicates.undo import undo
from portal.lib.clock import now
from portal.lib.db import db, write_tx
from portal.lib.mail import Mail
from portal.lib.refused import Refused
from portal.loyalty.models import LedgerEntry
from portal.loyalty.points import book_all, mature
from portal.loyalty.verify import problems
from portal.loyalty.vouchers import adjust, redeem
from portal.members.codes import ask, waiting
from portal.members.models import (
    Authenticator,
    CustomerId,
    EmailAddress,
    Member,
    Password,
    PhoneNumber,
    RecoveryCode,
    Restriction,
    Session,
)
from portal.members.models.search import find_members
from portal.members.sign_in import enter
from portal.members.timeline import timeline
from portal.orders.events import orders_changed
from portal.orders.models import Order
from portal.payments.models import Payment, Refund
from portal.profiles.models import Profile
from portal.providers.models import LinkedAccount, Provider
from portal.schema import MODELS
from portal.staff.models import Note
from portal.wishlist.models import WishlistItem

WHY = "Called and named both orders."


@pytest.fixture
def alice(app, points) -> Member:
    return make_member("Alice Janssens", email="alice@example.com")


@pytest.fixture
def twin(app, points) -> Member:
    return make_member("A. Janssens", email="alice.janssens@example.org")


def everything() -> dict[str, list[str]]:
    """Every row of every table, but for what is only ever added and who is at which version."""
    quiet = {"Event", "LedgerEntry", "Move", "MovedRow", "Mail", "PointsAccount", "Throttle"}
    rows = {m.__name__: sorted(map(str, m.select().dicts())) for m in MODELS}
    rows["Member"] = sorted(
        str({k: v for k, v in row.items() if k != "version"}) for row in Member.select().dicts()
    )
    return {name: those for name, those in rows.items() if name not in quiet}


def fill(member: Member, ines: Member, number: str) -> Order:
    order = bought(member, 5000, number=number, refunded=500)
    with write_tx():
        call(member, "+32 470 12 34 56")
        CustomerId.create(member=member, shop="default", external_id=number)
        WishlistItem.create(member=member, sku="KETTLE", title="Kettle")
        WishlistItem.create(member=member, sku=f"CUP-{number}", title="Cup")
        Profile.create(member=member, bio=f"bio {number}")
        Note.create(member=member, author=ines, body=f"note {number}")
    return order


def test_everything_that_can_move_moves(alice, twin, ines):
    fill(alice, ines, "1")
    fill(twin, ines, "2")
    move = merge(alice, twin, ines, WHY)
    for model in (Order, Payment, Refund, EmailAddress, CustomerId, Note):
        assert {row.member_id for row in model.select().where(model.member != ines)} == {alice.id}
    assert sorted(w.sku for w in alice.wishlist_items) == ["CUP-1", "CUP-2", "KETTLE"]
    assert [p.bio for p in alice.profiles] == ["bio 1"]
    assert again(twin).merged_into == alice
    assert again(alice).merges == 1
    assert (held(alice), held(twin)) == ((90, 0, 0), (0, 0, 0))
    assert (move.summary["order"], move.summary["points"]) == (1, 45)
    assert problems() == []


def test_taken_back_everything_is_as_it_was(alice, twin, ines):
    fill(alice, ines, "1")
    fill(twin, ines, "2")
    before = everything()
    undone = undo(merge(alice, twin, ines, WHY), ines)
    assert undone.whole
    assert everything() == before
    assert (held(alice), held(twin)) == ((45, 0, 0), (45, 0, 0))
    assert problems() == []


def test_both_numbers_name_the_one_who_is_kept(alice, twin, ines, sign_in):
    bought(twin, number="77")
    merge(alice, twin, ines, WHY)
    assert Member.by_number(twin.number) == alice
    assert list(find_members(twin.number)) == [alice.id]
    assert list(find_members("alice.janssens@example.org")) == [alice.id]
    desk = sign_in(ines)
    answer = desk.get(f"/staff/members/{twin.number}")
    assert (answer.status_code, answer.location) == (303, f"/staff/members/{alice.number}")
    assert "alice.janssens@example.org" in desk.get(answer.location).get_data(as_text=True)
    assert desk.get(f"/staff/members/{twin.number}/orders/77").status_code == 200


def test_the_old_username_leads_to_the_profile_of_the_one_kept(alice, twin, ines, client):
    Profile.create(member=alice, bio="Tea", visibility={"bio": "everyone"})
    merge(alice, twin, ines, WHY)
    answer = client.get(f"/members/{twin.username}")
    assert (answer.status_code, answer.location) == (303, f"/members/{alice.username}")


def test_a_profile_with_nothing_to_see_is_not_betrayed_by_an_old_number(alice, twin, ines, client):
    merge(alice, twin, ines, WHY)
    assert client.get(f"/members/{twin.username}").status_code == 404


def test_the_timeline_of_the_one_kept_tells_of_both(alice, twin, ines, statements):
    twin.record("passkey.added", label="old life")
    merge(alice, twin, ines, WHY)
    kept = again(alice)
    timeline(kept, True)
    with statements() as seen:
        lines = [entry.words for entry in timeline(kept, True).rows]
    assert len(seen) == 1
    assert "Made the passkey “old life”." in lines
    assert f"Ines Peeters merged {twin.number} into this member: {WHY}" in lines
    assert f"Ines Peeters made {twin.number} a part of {alice.number}: {WHY}" in lines
    assert not any("Ines" in entry.words or WHY in entry.words for entry in timeline(kept).rows)


def test_somebody_nobody_was_merged_into_has_the_plain_timeline(alice, app):
    assert alice.merges == 0
    from portal.members.timeline import _query

    assert "merged_into_id" not in _query(None, False, False, 30, False).sql()


def test_a_refund_that_comes_in_between_is_on_the_right_side_after_all(alice, twin, ines):
    bought(alice, 10_000)
    order = bought(twin, 5000)
    move = merge(alice, twin, ines, WHY)
    assert held(alice) == (150, 0, 0)
    with write_tx():
        Order.update(refunded=2000).where(Order.id == order.id).execute()
        orders_changed.send(None, order_ids=[order.id])
    assert held(alice) == (130, 0, 0)
    undo(move, ines)
    assert (held(alice), held(twin)) == ((100, 0, 0), (30, 0, 0))
    book_all()
    assert (held(alice), held(twin)) == ((100, 0, 0), (30, 0, 0))
    assert problems() == []


def test_points_that_were_spent_in_between_are_at_the_spender_s_charge(alice, twin, ines):
    Member.update(joined_at=now()).where(Member.id == alice.id).execute()
    bought(alice, 10_000, days=30)
    bought(twin, 20_000, days=60)  # the oldest points are spent first
    move = merge(alice, twin, ines, WHY)
    redeem(again(alice), 200, "k" * 20)
    assert held(alice) == (100, 0, 0)
    undo(move, ines)
    assert (held(alice), held(twin)) == ((0, 0, 100), (200, 0, 0))
    assert problems() == []


def test_debts_go_along_and_come_back(alice, twin, ines):
    bought(alice, 10_000)
    order = bought(twin, 5000)
    adjust(twin, -50, "Spent in the shop", ines)
    with write_tx():
        Order.update(refunded=5000).where(Order.id == order.id).execute()
        orders_changed.send(None, order_ids=[order.id])
    assert held(twin) == (0, 0, 50)
    move = merge(alice, twin, ines, WHY)
    assert (held(alice), held(twin)) == ((50, 0, 0), (0, 0, 0))
    undo(move, ines)
    assert (held(alice), held(twin)) == ((100, 0, 0), (0, 0, 50))
    assert problems() == []


def test_pending_points_go_along_ripen_there_and_come_back_ripe(alice, twin, ines):
    order = bought(twin, 5000, days=3)
    assert held(twin) == (0, 50, 0)
    move = merge(alice, twin, ines, WHY)
    assert (held(alice), held(twin)) == ((0, 50, 0), (0, 0, 0))
    with write_tx():
        db.execute_sql(
            f"UPDATE points_lot SET available_at = {db.param}",  # the return window ends
            (str(now() - timedelta(hours=1)),),
        )
    mature()
    assert held(alice) == (50, 0, 0)
    undo(move, ines)
    assert (held(alice), held(twin)) == ((0, 0, 0), (50, 0, 0))
    assert Order.get_by_id(order.id).member == twin
    assert problems() == []


def test_both_ledgers_say_it_with_one_row_each(alice, twin, ines):
    bought(twin, 5000)
    adjust(twin, 30, "A gift", ines)
    move = merge(alice, twin, ines, WHY)
    rows = LedgerEntry.select().where(LedgerEntry.kind == "moved").order_by(LedgerEntry.id)
    assert [(r.key, r.member_id, r.available, r.why) for r in rows] == [
        (f"move:{move.id}:out", twin.id, -80, f"Went to {alice.number}"),
        (f"move:{move.id}:in", alice.id, 80, f"Came from {twin.number}"),
    ]


def test_merged_there_and_back_and_there_again(alice, twin, ines):
    bought(alice, 10_000)
    bought(twin, 5000)
    for _time in range(3):
        undo(merge(alice, twin, ines, WHY), ines)
    undo(merge(twin, alice, ines, WHY), ines)
    assert (held(alice), held(twin)) == ((100, 0, 0), (50, 0, 0))
    merge(twin, alice, ines, WHY)
    assert (held(alice), held(twin)) == ((0, 0, 0), (150, 0, 0))
    assert problems() == []


def test_who_was_merged_before_goes_along_and_comes_back(alice, twin, ines):
    third = make_member("Alice J.", email="aj@example.net")
    bought(third, 1000)
    first = merge(twin, third, ines, WHY)
    second = merge(alice, twin, ines, WHY)
    assert Member.by_number(third.number) == alice
    assert again(alice).merges == 2
    with pytest.raises(Refused, match=f"{twin.number} was merged with {alice.number} since"):
        undo(first, ines)
    undo(second, ines)
    assert Member.by_number(third.number) == twin
    assert (again(alice).merges, again(twin).merges) == (0, 1)
    undo(first, ines)
    assert Member.by_number(third.number) == third
    assert (held(alice), held(twin), held(third)) == ((0, 0, 0), (0, 0, 0), (10, 0, 0))
    assert problems() == []


def test_somebody_without_a_name_takes_the_other_s_and_gives_it_back(app, ines):
    nameless, named = make_member("", email="x@example.com"), make_member("Ana Pérez")
    move = merge(nameless, named, ines, WHY)
    assert again(nameless).name == "Ana Pérez"
    undo(move, ines)
    assert (again(nameless).name, again(named).name) == ("", "Ana Pérez")


def test_what_changed_hands_since_stays_and_is_counted(alice, twin, ines):
    third = make_member("Cleo", email="cleo@example.net")
    order = bought(twin, 5000)
    bought(twin, 1000)
    move = merge(alice, twin, ines, WHY)
    with write_tx():
        Order.update(member=third).where(Order.id == order.id).execute()
        orders_changed.send(None, order_ids=[order.id])
    undone = undo(move, ines)
    assert (undone.back["order"], undone.stayed["order"], undone.whole) == (1, 1, False)
    assert (held(alice), held(twin), held(third)) == ((0, 0, 0), (10, 0, 0), (50, 0, 0))
    assert problems() == []


def test_twice_is_once(alice, twin, ines):
    move = merge(alice, twin, ines, WHY)
    assert merge(alice, twin, ines, "Once more") == move
    assert Move.select().count() == 1
    undo(move, ines)
    with pytest.raises(Refused, match="taken back already"):
        undo(move, ines)


@pytest.mark.parametrize(
    ("kept", "gone", "sentence"),
    [
        ({}, {"joined_at": now()}, "has signed in, so that one has to be kept"),
        ({"joined_at": now()}, {"joined_at": now()}, "Both have signed in"),
        ({}, {"role": "agent"}, "People who work for the shop"),
        ({"role": "owner"}, {}, "People who work for the shop"),
        ({}, {"withdrawn_at": now()}, "was taken back"),
    ],
)
def test_some_are_not_merged_and_hear_what_to_do(app, ines, kept, gone, sentence):
    one, other = make_member("Alice", **kept), make_member("Alise", **gone)
    before = everything()
    with pytest.raises(Refused, match=sentence):
        merge(one, other, ines, WHY)
    assert everything() == before


def test_nobody_is_merged_with_themselves_or_without_a_reason(alice, twin, ines):
    with pytest.raises(Refused, match="the same person"):
        merge(alice, alice, ines, WHY)
    with pytest.raises(Refused, match="Write why"):
        merge(alice, twin, ines, " \n ")
    assert Move.select().count() == 0


def test_an_address_that_nobody_proved_opens_no_account_in_use(alice, twin, ines):
    Member.update(joined_at=now()).where(Member.id == alice.id).execute()
    move = merge(alice, twin, ines, WHY)
    assert waiting(ask("alice.janssens@example.org")).member is None
    assert waiting(ask("alice@example.com")).member == alice
    undo(move, ines)
    assert waiting(ask("alice.janssens@example.org")).member == twin


def test_a_code_or_link_from_before_the_merge_is_dead(alice, twin, ines, client):
    from portal.members.links import make_link, open_link

    token, browser = make_link(twin), ask("alice.janssens@example.org")
    merge(alice, twin, ines, WHY)
    assert open_link(token) is None
    assert waiting(browser).expires_at <= now()
    assert Session.select().where(Session.member == twin).count() == 0


def test_nobody_signs_in_as_somebody_who_was_merged_a_moment_ago(alice, twin, ines, app):
    merge(alice, twin, ines, WHY)
    with app.test_request_context("/"), pytest.raises(Refused, match="Sign in once more"):
        enter(twin, "code")  # the code was right, and then the merge came
    assert Session.select().where(Session.member == twin).count() == 0


def test_who_has_joined_reads_what_came_and_whom_to_write_to(alice, twin, ines):
    Member.update(joined_at=now()).where(Member.id == alice.id).execute()
    bought(twin, 5000)
    merge(alice, twin, ines, WHY)
    mail = Mail.get()
    assert mail.to == "alice@example.com"
    assert "1 order, 1 e-mail address, 50 points" in mail.text
    assert "hello@fernandkettle.example" in mail.text
    assert "Ines" not in mail.text


def test_who_never_signed_in_gets_no_mail(alice, twin, ines):
    merge(alice, twin, ines, WHY)
    assert Mail.select().count() == 0


def test_every_table_that_names_a_member_has_its_place(app):
    from portal.duplicates.rows import tables

    stays = {
        "event", "incident", "ledger_entry", "points_account", "points_lot", "search_term", "mail",
        "look",
        # Whoever has one of these has signed in, and is never the one who goes.
        "session", "voucher", "pending_sign_in", "recovery", "address_change", "step",
        # They open an account: whoever has one is never the one who goes either.
        "passkey", "password", "authenticator", "sent_factor", "recovery_code",
        "security_question", "linked_account",
        # Sent to one address, and ended by the merge or of no use without it.
        "sign_in_code", "proof_code", "one_time_link", "challenge", "invitation",
        # What somebody proved, when; it gives back to whom the order was taken from.
        "claim",
    }  # fmt: skip
    named = {m._meta.table_name for m in MODELS if "member" in m._meta.fields}
    assert named - set(tables()) - stays == set()


@pytest.mark.parametrize("way_in", [Password, LinkedAccount, Authenticator, RecoveryCode])
def test_nothing_that_opens_an_account_ever_opens_another(app, ines, way_in):
    kept, other = make_member("Ana", email="a@example.com"), make_member("Ana")
    values = {
        Password: {"hash": "x"},
        LinkedAccount: {"provider": _provider(), "issuer": "https://id.example", "subject": "1"},
        Authenticator: {"sealed": "x"},
        RecoveryCode: {"code_hash": "x"},
    }[way_in]
    way_in.create(member=other, **values)
    with pytest.raises(Refused, match="has signed in, so that one has to be kept"):
        merge(kept, other, ines, WHY)
    merge(other, kept, ines, WHY)
    assert [row.member_id for row in way_in.select()] == [other.id]


def _provider():
    return Provider.create(
        key="one", preset="oidc", name="One", issuer="https://id.example", client_id="1"
    )


def test_what_staff_decided_about_somebody_goes_along_and_comes_back(app, ines):
    kept, other = make_member("Ana", email="a@example.com"), make_member("Ana")
    Restriction.create(member=other, kind="restrict", what=["points"], by=ines)
    move = merge(kept, other, ines, WHY)
    assert Restriction.get().member == kept
    undo(move, ines)
    assert Restriction.get().member == other


def test_a_file_finds_the_one_kept_and_changes_nothing(bring, points, ines):
    rows = [
        row("1", email="ana@example.com"),
        row("2", email="ana.perez@example.org", phone="+32470111111"),
        row("3", email="", phone="+32470222222"),
    ]
    bring(*rows)
    kept, *others = Member.select().where(Member.role.is_null()).order_by(Member.id)
    for other in others:
        merge(kept, other, ines, WHY)
    result = bring(*rows)
    assert (sum(result.tally.created.values()), sum(result.tally.updated.values())) == (0, 0)
    bring(
        row("4", email="", phone="+32470222222"),
        row("5", email="ana.perez@example.org"),
    )
    assert {order.member_id for order in Order.select()} == {kept.id}
    assert Member.select().where(Member.role.is_null()).count() == 3
    assert PhoneNumber.select().count() == 2
    assert problems() == []
