"""Runs a command with TEST_DATABASE_URL set, on a throw-away server when none is given."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """The folder of the newest installed PostgreSQL server, 15 or later."""
    homes = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted((int(p.parts[-3]), p.parent) for p in homes if p.parts[-3].isdigit())
    if found and found[-1][0] >= 15:
        return found[-1][1]
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@contextmanager
def throw_away_server(folder_of_programs: Path) -> Iterator[str]:
    """A server in a temporary folder, gone afterwards; yields the URL of its empty database."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-postgres-"))
    # PostgreSQL refuses to run as root, so root lends its folder to the user postgres.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [folder_of_programs / program, "-D", folder / "data", *arguments],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "--auth=trust", "--username=portal", "--encoding=UTF8", "--no-sync")
    options = (
        f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off "
        "-c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    )
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://portal@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run `command` and return its exit code."""
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.run(command).returncode
    programs = binaries()
    if programs is None:
        print(
            "PostgreSQL 15+ is missing: apt-get install postgresql, or set TEST_DATABASE_URL.",
            file=sys.stderr,
        )
        return 1
    with throw_away_server(programs) as url:
        return subprocess.run(command, env={**os.environ, "TEST_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
