"""Writes every page of every role into a folder, for the Nu HTML checker."""

import shutil
import sys
from pathlib import Path

from pages import ask, cookies, pages, people, small_shop

EXPECTED = {200, 404, 410}


def main(folder: Path) -> int:
    """Fetch the pages; 1 when one does not answer as it should."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wrong = written = 0
    with small_shop() as (app, _config):
        for role, member in people().items():
            kept = cookies(app, member).items()
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in kept)}
            for name, path in pages(role).items():
                answer = ask(app, path, headers)
                if answer.status_code not in EXPECTED:
                    wrong += 1
                    print(f"{path} answered {answer.status_code} to the {role}.", file=sys.stderr)
                (folder / f"{role}-{name}.html").write_bytes(answer.data)
                written += 1
    print(f"Fetched {written} pages.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
