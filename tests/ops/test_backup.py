"""Backup, restore and verify: what is kept is looked at before it is trusted."""

import sqlite3
from pathlib import Path

import pytest
from serving import portal, served

pytestmark = pytest.mark.command


def _set(path: Path, name: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute("INSERT OR REPLACE INTO setting VALUES ('name', ?)", (f'"{name}"',))
    database.close()


def _name(path: Path) -> str:
    database = sqlite3.connect(path)
    found = database.execute("SELECT value FROM setting WHERE key = 'name'").fetchone()
    database.close()
    return found[0]


def test_a_backup_brings_back_what_was(tmp_path: Path) -> None:
    shop, kept = tmp_path / "portal.sqlite3", tmp_path / "kept.sqlite3"
    portal(tmp_path, "migrate")
    _set(shop, "Fern & Kettle")
    assert portal(tmp_path, "backup", str(kept)).returncode == 0
    _set(shop, "Somebody else")
    done = portal(tmp_path, "restore", str(kept))
    assert (done.returncode, _name(shop)) == (0, '"Fern & Kettle"')
    (old,) = tmp_path.glob("portal-before-restore-*.sqlite3")
    assert (_name(old), str(old) in done.stdout) == ('"Somebody else"', True)


def test_a_backup_can_be_taken_while_the_shop_is_served(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        assert portal(tmp_path, "backup", str(tmp_path / "kept.sqlite3")).returncode == 0
        assert shop.stop() == 0
    kept = sqlite3.connect(tmp_path / "kept.sqlite3")
    assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept.close()


def test_a_backup_is_for_its_owner_only_and_overwrites_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    portal(tmp_path, "backup", str(kept))
    assert kept.stat().st_mode & 0o777 == 0o600
    done = portal(tmp_path, "backup", str(kept))
    sentence = f"{kept} exists already; a backup never overwrites a file.\n"
    assert (done.returncode, done.stderr) == (1, sentence)


def test_nothing_is_restored_while_the_shop_is_served(tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    portal(tmp_path, "migrate")
    portal(tmp_path, "backup", str(kept))
    with served(tmp_path) as shop:
        done = portal(tmp_path, "restore", str(kept))
        assert done.stderr == (
            "The shop is being served. Stop it first (systemctl stop regulars).\n"
        )
        assert (done.returncode, shop.get()) == (1, 200)
        assert shop.stop() == 0


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    portal(tmp_path, "migrate")
    _set(tmp_path / "portal.sqlite3", "Fern & Kettle")
    (tmp_path / "letter.txt").write_text("Dear shop, " * 100)
    done = portal(tmp_path, "restore", str(tmp_path / "letter.txt"))
    assert (done.returncode, done.stderr) == (1, "The file is no backup of Regulars.\n")
    assert _name(tmp_path / "portal.sqlite3") == '"Fern & Kettle"'
    assert list(tmp_path.glob("*restor*")) == []


def test_an_unsound_backup_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    portal(tmp_path, "migrate")
    portal(tmp_path, "backup", str(kept))
    _plant_an_orphan(kept)
    done = portal(tmp_path, "restore", str(kept))
    sentence = "The backup is damaged: SQLite's own check fails.\n"
    assert (done.returncode, done.stderr) == (1, sentence)


def test_a_backup_of_a_later_version_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    portal(tmp_path, "migrate")
    portal(tmp_path, "backup", str(kept))
    with sqlite3.connect(kept) as database:
        database.execute(
            "INSERT INTO migrations (name, applied) VALUES ('9999_later', '2040-01-01')"
        )
    database.close()
    done = portal(tmp_path, "restore", str(kept))
    assert (done.returncode, done.stderr) == (
        1,
        "The backup was written by a later version of Regulars; install that one.\n",
    )


def test_verify_is_content_with_an_empty_shop(tmp_path: Path) -> None:
    done = portal(tmp_path, "verify")
    assert (done.returncode, done.stdout) == (0, "All is as it must be.\n")


def test_verify_lists_an_orphan(tmp_path: Path) -> None:
    portal(tmp_path, "migrate")
    _plant_an_orphan(tmp_path / "portal.sqlite3")
    done = portal(tmp_path, "verify")
    assert (done.returncode, done.stdout) == (
        1,
        "1 rows of phone_number point at a member that does not exist.\n",
    )


def _plant_an_orphan(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(
            "INSERT INTO phone_number (member_id, number, folded, created_at)"
            " VALUES (4711, '+32 468 00 12 34', '32468001234', '2026-01-01 00:00:00')"
        )
    database.close()
