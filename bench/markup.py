"""Writes every page of every role into a folder, for the Nu HTML checker."""

import shutil
import sys
from pathlib import Path

from behind import open_everything, walk
from flask import Flask
from pages import ask, pages, people, small_shop
from werkzeug.exceptions import NotFound

#: Pages that say what is not there; every other one answers 200.
MISSING = {"not-found": 404, "dead-link": 410}
#: What answers a GET and is no page: files, fragments, and addresses that only lead on.
NO_PAGES = {
    "account.card",
    "cards.kept",
    "cards.worker",
    "claims.found",
    "health",
    "joining.progress",
    "members.text_progress",
    "profiles.picture",
    "providers.answer",
    "shop.brand",
    "shop.logo",
    "staff.accent",
    "staff.export_file",
    "staff.search",
    "staff.take_aside",
    "staff.upload_list",
    "static",
}


def main(folder: Path) -> int:
    """Fetch the pages; 1 when one does not answer as it should."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wrong = written = 0
    seen: set[str] = set()
    with small_shop() as (app, _config):
        open_everything(app)
        for role, member in people().items():
            behind = walk(app, role, member)
            kept = "; ".join(f"{name}={value}" for name, value in behind.cookies.items())
            for name, path in (pages(role) | behind.pages).items():
                answer = ask(app, path, {"Cookie": kept})
                if answer.status_code != MISSING.get(name, 200):
                    wrong += 1
                    print(f"{path} answered {answer.status_code} to the {role}.", file=sys.stderr)
                (folder / f"{role}-{name}.html").write_bytes(answer.data)
                seen.add(_endpoint(app, path))
                written += 1
        left_out = sorted(_pages_of(app) - seen - NO_PAGES)
    print(f"Fetched {written} pages.")
    for endpoint in left_out:
        print(
            f"No role looks at {endpoint}: add it to bench/pages.py or bench/behind.py.",
            file=sys.stderr,
        )
    return 1 if wrong or left_out else 0


def _endpoint(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(path.partition("?")[0])[0])
    except NotFound:
        return ""


def _pages_of(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
