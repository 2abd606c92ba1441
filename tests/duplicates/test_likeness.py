"""Who is offered as likely the same person, with what reasons, and who never is."""

import pytest
from duplicate_people import call
from factories import make_member, make_order

from portal.duplicates.likeness import CROWD, look
from portal.duplicates.mailboxes import mailbox, meant, own_part
from portal.duplicates.merge import merge
from portal.duplicates.models import Likeness
from portal.duplicates.names import alike
from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.members.models import Member


def offered() -> list[tuple[str, str, list[str]]]:
    """Both names, and the reasons, the strongest first."""
    look()
    rows = Likeness.select().where(Likeness.dismissed_at.is_null())
    return [
        (row.first.name, row.second.name, row.reasons)
        for row in rows.order_by(Likeness.score.desc(), Likeness.id)
    ]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("ana.perez@gmail.com", "anaperez@gmail.com", "email"),
        ("ana.perez+shop@gmail.com", "anaperez@googlemail.com", "email"),
        ("ana+tea@outlook.com", "ana@outlook.com", "email"),
        ("ana.perez@gmial.com", "ana.perez@gmail.com", "typo"),
        ("ana.perez@gmail.con", "anaperez@gmail.com", "typo"),
        ("ana@hotmial.com", "ana@hotmail.com", "typo"),
    ],
)
def test_addresses_of_one_mailbox_are_offered(app, one, other, reason):
    make_member("Ana", email=one)
    make_member("Somebody", email=other)
    assert offered() == [("Ana", "Somebody", [reason])]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana.perez@example.com", "anaperez@example.com"),  # dots count at most providers
        ("ana@mail.com", "ana@gmail.com"),  # one letter apart, but both exist
        ("ana@ymail.com", "ana@gmail.com"),
        ("info@tea.example", "info@coffee.example"),
        ("ana@one.example", "ana@two.example"),
    ],
)
def test_addresses_that_only_look_alike_are_not(app, one, other):
    make_member("Ana", email=one)
    make_member("Bob", email=other)
    assert offered() == []


def test_the_same_name_and_mail_name_at_two_providers_is_offered(app):
    make_member("Ana Pérez", email="ana.perez@one.example")
    make_member("Perez, Ana", email="anaperez@two.example")
    make_member("Ana Pereira", email="anaperez@three.example")
    assert offered() == [("Ana Pérez", "Perez, Ana", ["local"])]


def test_a_phone_counts_with_an_alike_name_whatever_its_country_code(app):
    numbers = {"Ana Pérez": "+32 470 12 34 56", "A. Perez": "0470 12 34 56", "Bob": "0470123456"}
    for name, number in numbers.items():
        call(make_member(name), number)
    assert offered() == [("Ana Pérez", "A. Perez", ["phone"])]


def test_a_phone_without_a_name_is_offered_last(app):
    call(make_member("Ana Pérez"), "0470123456")
    call(make_member("", email=""), "0470123456")
    make_member("Cleo", email="cleo@gmail.com")
    make_member("Cleo", email="c.leo@gmail.com")
    assert [reasons for _one, _other, reasons in offered()] == [["email"], ["nameless"]]


def test_a_name_alone_is_never_enough(app):
    make_member("Ana Pérez", email="one@example.com")
    make_member("Ana Pérez", email="two@example.com")
    assert offered() == []


def test_the_same_name_at_the_same_address_is_offered(app):
    place = {"name": "Ana Pérez", "street1": "Kerkstraat 12", "zip": "9000", "city": "Gent"}
    make_order(make_member("Ana Pérez"), delivery=place)
    make_order(make_member("ana perez"), billing=place | {"street1": "kerkstraat  12,"})
    make_order(make_member("Jan Pérez"), delivery=place | {"name": "Jan Pérez"})
    assert offered() == [("Ana Pérez", "ana perez", ["address"])]


def test_a_present_sent_to_somebody_else_makes_nobody_alike(app):
    place = {"name": "Oma Janssens", "street1": "Kerkstraat 12", "zip": "9000"}
    make_order(make_member("Ana Pérez"), delivery=place)
    make_order(make_member("Jan Maes"), delivery=place)
    assert offered() == []


def test_more_reasons_stand_above_one(app):
    one, other = make_member("Ana Pérez", email="a.na@gmail.com"), make_member("Ana Pérez")
    third = make_member("Ana Pérez", email="ana@gmail.com")
    for member in (one, third):
        call(member, "0470123456")
    place = {"name": "Ana Pérez", "street1": "Kerkstraat 12", "zip": "9000"}
    make_order(one, delivery=place)
    make_order(other, delivery=place)
    assert [row[2] for row in offered()] == [["email", "phone"], ["address"]]


def test_a_phone_of_a_whole_office_tells_nothing(app):
    for _number in range(CROWD + 1):
        call(make_member("Ana Pérez"), "0470123456")
    assert offered() == []


@pytest.mark.parametrize("values", [{"role": "agent"}, {"withdrawn_at": now()}])
def test_staff_and_people_who_were_taken_back_are_left_out(app, values):
    make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com", **values)
    assert offered() == []


def test_merged_people_are_offered_no_more(app, ines):
    one, other = (
        make_member("Ana", email="ana@gmail.com"),
        make_member("Ana", email="a.na@gmail.com"),
    )
    assert len(offered()) == 1
    merge(one, other, ines, "The same mailbox")
    assert offered() == []


def test_a_pair_that_was_called_different_never_comes_back(app, ines):
    make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com")
    look()
    Likeness.update(dismissed_at=now(), dismissed_by=ines).execute()
    assert offered() == []
    assert Likeness.select().count() == 1


def test_a_pair_that_is_alike_no_more_goes(app):
    one = make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com")
    assert len(offered()) == 1
    one.emails.get().delete_instance()
    assert (offered(), Likeness.select().count()) == ([], 0)


def test_looking_twice_changes_nothing(app):
    make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com")
    first = (offered(), Likeness.get().id)
    assert (offered(), Likeness.get().id) == first


def test_it_costs_as_many_statements_for_many_people_as_for_few(app, statements):
    def cost() -> int:
        with statements() as seen:
            look()
        return len(seen)

    make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com")
    few = cost()
    for number in range(30):
        member = make_member("Ana Pérez", email=f"ana+{number}@gmail.com" if number < 9 else None)
        call(member, f"04701234{number:02}")
        make_order(member, delivery={"name": "Ana Pérez", "street1": f"K {number}", "zip": "1"})
    assert cost() <= few + 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana Pérez", "PEREZ ana", True),
        ("A. Pérez", "Ana Perez", True),
        ("Ana", "Ana Pérez", True),
        ("Jonathan Smith", "Jonathon Smith", True),
        ("A. P.", "Ana Pérez", False),
        ("Jan Maes", "Ana Maes", False),
        ("", "Ana", False),
        ("Wei Li", "Wei Lu", False),
    ],
)
def test_which_names_are_alike(one, other, same):
    assert (alike(one, other), alike(other, one)) == (same, same)


def test_broken_addresses_break_nothing(app):
    for text in ("", "@", "a@", "@gmail.com", "a@@gmail.com", "ä@gmäil.com"):
        assert isinstance(mailbox(text) + meant(text) + own_part(text), str)
    member = make_member("Ana Pérez", email="")
    make_order(member, delivery={"name": "Ana Pérez", "street1": "", "zip": None or ""}, billing={})
    assert offered() == []


def test_the_job_looks(app):
    from portal.duplicates.jobs import look_again

    make_member("Ana", email="ana@gmail.com")
    make_member("Ana", email="a.na@gmail.com")
    look_again()
    run_waiting()
    assert Likeness.select().count() == 1
    assert Member.select().count() == 2
