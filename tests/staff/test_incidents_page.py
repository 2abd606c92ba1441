"""The owner reads what was refused: by kind, by network address, page by page."""

from factories import make_member
from flask import Flask

from portal.lib.db import write_tx
from portal.members.models import Incident, Member


def refuse(count: int, kind: str = "forged", client: str = "a" * 64, **values) -> None:
    """Rows as the log writes them."""
    with write_tx():
        for _number in range(count):
            Incident.create(kind=kind, client=client, rule="/sign-in/link/<token>", **values)


def test_the_owner_reads_what_was_refused_and_where_from(app: Flask, sign_in) -> None:
    alice, owner = make_member(), make_member("Marit De Smet", role="owner")
    refuse(1, "not_theirs", member=alice)
    refuse(1, "limit", data={"limit": "code.ask.client"})
    page = sign_in(owner).get("/staff/incidents").text
    assert "A member asked for a thing of another member." in page
    assert ("Alice Janssens" in page, "limit code.ask.client" in page) == (True, True)
    assert "/sign-in/link/&lt;token&gt;" in page
    assert (page.count("from aaaaaaaa<"), "a" * 9 + "<" in page) == (2, False)


def test_a_kind_and_a_network_address_filter(app: Flask, sign_in) -> None:
    refuse(2, "forged", "a" * 64)
    refuse(3, "bad_link", "b" * 64)
    client = sign_in(make_member("Marit De Smet", role="owner"))

    def count(query: str) -> int:
        return client.get(f"/staff/incidents?{query}").text.count("<time ")

    assert [count(q) for q in ("", "kind=forged", f"client={'b' * 64}", "kind=nonsense")] == [
        5, 2, 3, 5,
    ]  # fmt: skip
    assert count(f"kind=forged&client={'b' * 64}") == 0


def test_pages_go_on_with_and_without_htmx_and_keep_the_filter(app: Flask, sign_in) -> None:
    refuse(40)
    refuse(5, "pot")
    client = sign_in(make_member("Marit De Smet", role="owner"))
    first = client.get("/staff/incidents?kind=forged").text
    more = first.partition('class="more" href="')[2].partition('"')[0].replace("&amp;", "&")
    rest = client.get(more, htmx=True).text
    assert (first.count("<time "), rest.count("<time "), "<main" in rest) == (30, 10, False)
    assert client.get("/staff/incidents?after=garbled").text.count("<time ") == 30


def test_the_page_costs_the_same_for_one_and_thirty(app: Flask, sign_in, statements) -> None:
    owner = make_member("Marit De Smet", role="owner")
    counts = []
    for more in (1, 29):
        refuse(more, member=Member.get())
        client = sign_in(owner)
        client.get("/staff/incidents")
        with statements() as seen:
            client.get("/staff/incidents")
        counts.append(len(seen))
    assert counts[0] == counts[1]
