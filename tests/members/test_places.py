"""A place comes from a file in MaxMind’s format; whatever is wrong with it, people sign in."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import mmdb
import pytest
from factories import make_member
from flask import Flask

from portal.config import WrongSetting, read_config
from portal.members.links import make_link
from portal.members.models import Event, Session
from portal.members.places import place_of

NETWORKS = {
    "81.82.0.0/16": mmdb.place("Ghent", "Belgium"),
    "192.0.2.128/25": mmdb.place("", "Norway"),
    "2a02:a03f::/32": mmdb.place("Liège", "Belgium"),
    "198.51.100.7/32": {"city": "no map", "country": {"names": ["a list"]}},
    "198.51.100.8/32": {"country": {"names": {"en": "Fore\x1bign\nland"}}},
    "198.51.100.9/32": {"registered_country": {"names": {"en": "Portugal"}}},
    "198.51.100.10/32": mmdb.place("X" * 200, "Belgium"),
}


@pytest.fixture
def keep(app: Flask, tmp_path: Path) -> Callable[[bytes], Path]:
    """`keep(content)`: the shop has a file of places with that content."""
    path = tmp_path / "places.mmdb"

    def write(content: bytes) -> Path:
        fresh = tmp_path / "fresh.mmdb"
        fresh.write_bytes(content)
        os.replace(fresh, path)
        app.config["GEO_DATABASE"] = str(path)
        return path

    return write


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("81.82.200.3", "Ghent, Belgium"),
        ("::ffff:81.82.200.3", "Ghent, Belgium"),
        ("192.0.2.200", "Norway"),
        ("192.0.2.1", ""),
        ("2a02:a03f:1::5", "Liège, Belgium"),
        ("2a02:a03e::5", ""),
        ("fe80::1%eth0", ""),
        ("127.0.0.1", ""),
        ("198.51.100.7", ""),
        ("198.51.100.8", "Foreignland"),
        ("198.51.100.9", "Portugal"),
        ("198.51.100.10", "X" * 120),
        ("no address", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_address_has_a_place(keep, address: str | None, place: str) -> None:
    keep(mmdb.write(NETWORKS))
    assert place_of(address) == place


def test_a_file_of_the_old_addresses_alone_knows_no_new_ones(keep, caplog) -> None:
    keep(mmdb.write({"81.82.0.0/16": mmdb.place("Ghent", "Belgium")}, version=4))
    assert [place_of("81.82.1.1"), place_of("2a02:a03f::1")] == ["Ghent, Belgium", ""]
    assert caplog.records == []


def test_a_newer_file_is_used_without_a_restart(keep) -> None:
    keep(mmdb.write({"81.82.0.0/16": mmdb.place("Ghent", "Belgium")}))
    assert place_of("81.82.1.1") == "Ghent, Belgium"
    keep(mmdb.write({"81.82.0.0/16": mmdb.place("Antwerp", "Belgium")}))
    assert place_of("81.82.1.1") == "Antwerp, Belgium"


WHOLE = mmdb.write(NETWORKS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no such format",
        WHOLE[:40],
        WHOLE[-120:],
        WHOLE[: len(WHOLE) // 2],
        mmdb.MARKER,
        WHOLE.replace(b"node_count", b"nodecounts"),
        b"\xff" * 3000 + WHOLE[WHOLE.index(mmdb.MARKER) :],
    ],
)
def test_a_broken_file_is_logged_once_and_keeps_nobody_out(
    app: Flask, keep, caplog, content: bytes
) -> None:
    keep(content)
    caplog.set_level(logging.ERROR, "portal.places")
    alice = make_member()
    for _time in range(3):
        came = app.test_client().post(
            f"/sign-in/link/{make_link(alice)}", environ_base={"REMOTE_ADDR": "81.82.1.1"}
        )
        assert (came.status_code, came.location) == (303, "/")
    assert [session.place for session in Session.select()] == [""] * 3
    assert len(caplog.records) == 1


def test_a_file_that_goes_away_is_logged_once_and_found_again(keep, caplog) -> None:
    path = keep(WHOLE)
    assert place_of("81.82.1.1") == "Ghent, Belgium"
    path.unlink()
    assert [place_of("81.82.1.1"), place_of("81.82.1.1")] == ["", ""]
    assert len(caplog.records) == 1
    keep(WHOLE)
    assert place_of("81.82.1.1") == "Ghent, Belgium"


def test_a_file_that_is_cut_short_while_it_is_open_keeps_nobody_out(keep, caplog) -> None:
    path = keep(WHOLE)
    assert place_of("81.82.1.1") == "Ghent, Belgium"
    os.truncate(path, 10)
    assert [place_of("81.82.1.1"), place_of("2a02:a03f::1")] == ["", ""]
    assert len(caplog.records) == 1


def test_the_place_is_kept_and_the_address_is_not(app: Flask, keep) -> None:
    keep(WHOLE)
    alice = make_member()
    app.test_client().post(
        f"/sign-in/link/{make_link(alice)}", environ_base={"REMOTE_ADDR": "81.82.77.88"}
    )
    assert Session.get().place == "Ghent, Belgium"
    assert Event.get(Event.kind == "sign_in.done").data["place"] == "Ghent, Belgium"
    rows = [str(row) for model in (Session, Event) for row in model.select().dicts()]
    assert [row for row in rows if "81.82" in row] == []


def test_a_start_with_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="MaxMind"):
        read_config(instance=str(tmp_path), geo_database=str(tmp_path / "nowhere.mmdb"))
