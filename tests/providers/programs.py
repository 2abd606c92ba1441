"""Two real OpenID providers on loopback, and a person's browser that walks through their pages."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "oidc-provider"
VERSION = "9.13.3"
SECRET = "a secret of the shop"
CLIENT = "fern-and-kettle"
ACCOUNTS = {
    "alice": {"name": "Alice Janssens", "email": "alice@example.com", "email_verified": True},
    "bob": {"name": "Bob Maes", "email": "bob@example.com", "email_verified": False},
    "carol": {"name": "Carol Wouters"},
}


def install() -> None:
    """Fetch the provider into build/, once; the lock keeps two test processes apart."""
    module = FOLDER / "node_modules" / "oidc-provider" / "lib" / "index.js"
    FOLDER.mkdir(parents=True, exist_ok=True)
    lock = FOLDER / "installing"
    while not (module.exists() and not lock.exists()):
        try:
            lock.touch(exist_ok=False)
        except FileExistsError:
            time.sleep(0.5)
            continue
        try:
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError("The tests of providers need npm and node.")
            wanted = f"oidc-provider@{VERSION}"
            quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run([npm, "install", *quiet, "--prefix", FOLDER, wanted], check=True)
        finally:
            lock.unlink(missing_ok=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def certified(*redirects: str) -> Iterator[str]:
    """`oidc-provider` from npm, in a process of its own: its issuer."""
    install()
    port = free_port()
    node = shutil.which("node") or "node"
    command = [node, Path(__file__).with_name("provider.mjs"), FOLDER, str(port)]
    with _running([*command, " ".join(redirects)], port, ACCOUNTS=json.dumps(ACCOUNTS)) as issuer:
        yield issuer


@contextmanager
def mock() -> Iterator[str]:
    """`oidc-provider-mock`, in a process of its own: its issuer."""
    port = free_port()
    claims = [json.dumps({"sub": login, **said}) for login, said in ACCOUNTS.items()]
    users = [word for claim in claims for word in ("--user-claims", claim)]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *users]
    with _running(command, port) as issuer:
        yield issuer


@contextmanager
def _running(command: list, port: int, **environment: str) -> Iterator[str]:
    issuer = f"http://localhost:{port}"
    program = subprocess.Popen(
        list(map(str, command)),
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(150):
            try:
                requests.get(f"{issuer}/.well-known/openid-configuration", timeout=2)
                break
            except requests.ConnectionError:
                assert program.poll() is None, "the provider ended"
                time.sleep(0.1)
        yield issuer
    finally:
        program.terminate()
        program.wait(10)


class Person(requests.Session):
    """Somebody's browser at the provider: signs in, agrees or stops, and comes back."""

    def __init__(self, login: str = "alice", *, cancel: bool = False) -> None:
        super().__init__()
        self.login = login
        self.cancel = cancel
        self.proofs = 0  # how often the provider asked who it is

    def visit(self, url: str, home: str = "http://localhost:8000") -> str:
        """From the provider's address back to the shop: the path and query that it is sent to."""
        answer = self.get(url, allow_redirects=False, timeout=10)
        for _step in range(20):
            if answer.is_redirect:
                there = urljoin(answer.url, answer.headers["Location"])
                if there.startswith(home):
                    parts = urlsplit(there)
                    return f"{parts.path}?{parts.query}"
                answer = self.get(there, allow_redirects=False, timeout=10)
            else:
                assert answer.status_code == 200, answer.text
                answer = self._fill(answer)
        raise AssertionError("the provider leads nowhere")

    def _fill(self, page: requests.Response) -> requests.Response:
        if "/interaction/" not in page.url:  # the mock asks once
            sent = {"action": "deny"} if self.cancel else {"sub": self.login}
            return self.post(page.url, data=sent, allow_redirects=False, timeout=10)
        if self.cancel:
            return self.get(f"{page.url}/abort", allow_redirects=False, timeout=10)
        prompt = re.search(r'name="prompt" value="(\w+)"', unescape(page.text))
        assert prompt
        self.proofs += prompt[1] == "login"
        sent = {"prompt": prompt[1], "login": self.login, "password": "any"}
        return self.post(page.url, data=sent, allow_redirects=False, timeout=10)
