"""Compiles every template as the app would, so that a slip fails before a page does."""

import sys
import tempfile
from pathlib import Path

from jinja2 import TemplateSyntaxError

from portal import create_app
from portal.config import ROOT, read_config


def main() -> int:
    """Print each template that does not compile; 1 when there is one."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(read_config(instance=folder))
        names = sorted(
            p.relative_to(ROOT / "templates") for p in Path(ROOT, "templates").rglob("*.*")
        )
        wrong = 0
        for name in names:
            try:
                app.jinja_env.get_template(name.as_posix())
            except TemplateSyntaxError as error:
                wrong += 1
                print(f"templates/{name}:{error.lineno}: {error.message}", file=sys.stderr)
    print(f"{len(names)} templates compile." if not wrong else f"{wrong} templates do not compile.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
