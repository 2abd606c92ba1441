"""Scanning a card at the desk: straight to the member, and a wrong character is called one."""

import re
from html import unescape

import pytest
from factories import make_member, make_order

from portal.cards import scan
from portal.duplicates.merge import merge
from portal.imports.run import import_file
from portal.lib.tokens import ALPHABET, check_character, new_number
from portal.members.models import EmailAddress, Member
from portal.staff.models import Look

EXPORT = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Billing Name\n"
    "#2001,rhys@example.com,paid,EUR,12.50,2026-11-18 09:58:12 +0100,1,Sencha,12.50,TEA-1,Rhys K\n"
)


@pytest.fixture
def ines(app) -> Member:
    return make_member("Ines Peeters", role="agent")


@pytest.fixture
def rhys(app) -> Member:
    return make_member("Rhys Kowalski", email="rhys@example.com")


def said(answer) -> str:
    """What the desk says below its search."""
    found = answer.text.partition('id="found-people"')[2].partition("</p>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found.partition(">")[2])).split())


def people(answer) -> list[str]:
    """The numbers of those whom the desk lists."""
    return re.findall(r'<a href="/staff/members/([^"?]*)', answer.text)


def wrong(number: str) -> str:
    """The number with its last character changed."""
    last = ALPHABET[(ALPHABET.index(number[-1]) + 1) % 32]
    return number[:-1] + last


@pytest.mark.parametrize(
    "as_scanned",
    [
        "{number}", "{plain}", "{lower}", " {number} \r\n", "{plain}\n", "\t{plain}\r",
        "]Q1{plain}", "]C0{plain}\r", "{dashes}", "{spaced}",
    ],
)  # fmt: skip
def test_a_scanned_card_opens_the_page_of_the_member(sign_in, ines, rhys, as_scanned) -> None:
    plain = rhys.number.replace("-", "")
    typed = as_scanned.format(
        number=rhys.number, plain=plain, lower=rhys.number.lower(),
        dashes=rhys.number.replace("-", "–"), spaced=rhys.number.replace("-", " "),
    )  # fmt: skip
    answer = sign_in(ines).get("/staff", query_string={"q": typed}, follow_redirects=True)
    assert answer.request.path == f"/staff/members/{rhys.number}"
    assert [(look.agent, look.member) for look in Look.select()] == [(ines, rhys)]


def test_while_it_is_typed_the_member_is_listed_and_nothing_jumps(sign_in, ines, rhys) -> None:
    answer = sign_in(ines).get("/staff", query_string={"q": rhys.number}, htmx=True)
    assert people(answer) == [rhys.number]
    assert "member number" in answer.text
    assert answer.headers["HX-Replace-Url"] == "false"
    assert Look.select().count() == 0


def test_the_search_of_other_pages_goes_there_too(sign_in, ines, rhys) -> None:
    browser = sign_in(ines)
    answer = browser.get("/staff/search", query_string={"q": rhys.number}, follow_redirects=True)
    assert answer.request.path == f"/staff/members/{rhys.number}"


def test_the_old_card_of_a_merged_person_finds_the_one_kept(sign_in, ines, rhys) -> None:
    twin = make_member("R. Kowalski")
    merge(rhys, twin, ines, "The same person.")
    answer = sign_in(ines).get("/staff", query_string={"q": twin.number})
    assert answer.location == f"/staff/members/{rhys.number}"


def test_importing_the_same_people_again_leaves_their_cards_valid(
    sign_in, ines, rhys, tmp_path
) -> None:
    before = rhys.number
    file = tmp_path / "orders_export.csv"
    for text in (EXPORT, EXPORT, EXPORT.replace("paid", "refunded")):
        file.write_text(text)
        import_file(file)
    assert EmailAddress.find("rhys@example.com").member.number == before
    assert people(sign_in(ines).get("/staff/search", query_string={"q": before}, htmx=True)) == [
        before
    ]


def test_a_wrong_character_is_called_one_and_the_person_is_proposed(sign_in, ines, rhys) -> None:
    for number in ("NLKT-CRDS-G", new_number_with_a_digit()):  # also one of letters alone
        Member.update(number=number).where(Member.id == rhys.id).execute()
        for typed in (wrong(number), wrong(number).replace("-", "")):
            answer = sign_in(ines).get("/staff", query_string={"q": typed})
            assert said(answer) == (
                f"One character of {typed} is wrong: the last one does not fit the others. "
                "Is it this person?"
            )
            assert people(answer) == [number]
    assert Look.select().count() == 0


def test_a_wrong_number_of_nobody_says_what_to_do(sign_in, ines) -> None:
    typed = wrong(new_number_with_a_digit())
    answer = sign_in(ines).get("/staff", query_string={"q": typed.lower()})
    assert said(answer) == (
        f"One character of {typed} is wrong: the last one does not fit the others. "
        "Read it once more, or look by name or e-mail."
    )


def new_number_with_a_digit() -> str:
    """A number with letters and digits, as nearly all have."""
    body = "K7QM4TX2"
    return f"{body[:4]}-{body[4:]}-{check_character(body)}"


def test_a_right_number_of_nobody_is_nobody(sign_in, ines) -> None:
    answer = sign_in(ines).get("/staff", query_string={"q": new_number_with_a_digit()})
    assert said(answer).startswith("Nobody for “K7QM-4TX2-")


def test_somebody_whose_import_was_undone_is_nobody(sign_in, ines, rhys) -> None:
    Member.update(withdrawn_at=Member.created_at).where(Member.id == rhys.id).execute()
    answer = sign_in(ines).get("/staff", query_string={"q": rhys.number})
    assert said(answer).startswith("Nobody for")


def test_an_order_that_reads_like_a_wrong_number_is_found(sign_in, ines, rhys) -> None:
    order = make_order(None, wrong(new_number_with_a_digit()))
    answer = sign_in(ines).get("/staff", query_string={"q": order.number})
    assert f"/staff/orders/{order.number}" in answer.text
    assert "is wrong" not in answer.text


@pytest.mark.parametrize(
    "text",
    ["", "Alexander", "123456789", "+32 470 12 34 56", "K7QM-4TX2", "K7QM4TX2BB", "rhys 1048",
     "²³⁴⁵-²³⁴⁵-²", "]Q1", "\0", "1234-5678-9"],
)  # fmt: skip
def test_what_does_not_look_like_a_number_is_no_wrong_number(text) -> None:
    assert (scan.number_in(text), scan.is_slip(text)) == (None, False)


def test_every_single_wrong_character_is_noticed_and_leads_back() -> None:
    for _round in range(5):
        number = new_number()
        plain = number.replace("-", "")
        for place in range(9):
            typed = plain[:place] + "Z8"[plain[place] == "Z"] + plain[place + 1 :]
            assert scan.number_in(typed) is None
            assert number in scan.meant(typed)
            assert len(scan.meant(typed)) < 20
