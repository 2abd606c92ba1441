"""`portal serve`: it answers, heals, drains, and says what is in its way."""

import email.utils
import http.client
import json
import logging
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest
from serving import eventually, portal, served

from portal.ops.log import JsonLines

pytestmark = pytest.mark.command


def test_an_empty_shop_is_served_and_tells_how_to_own_it(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        lines = [shop.welcome] + [shop.process.stdout.readline() for _ in range(3)]
        assert lines[0] == f"The shop is open at http://localhost:{shop.port} (Ctrl-C closes it).\n"
        assert re.search(rf"http://localhost:{shop.port}/setup/[\w-]{{30,}}$", lines[3])
        assert (shop.get(), shop.get("/")) == (200, 303)
        assert shop.stop() == 0


def test_there_is_a_web_process_for_each_core_and_one_worker(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "3") as shop:
        assert len(shop.children()) == 4
        assert shop.stop() == 0


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as shop:
        before = shop.children()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: len(set(shop.children()) - set(before)) == 3)
        assert eventually(lambda: _answers(shop))
        assert shop.stop() == 0


def test_the_processes_end_with_their_parent(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        children = shop.children()
        shop.stop(signal.SIGKILL)
        assert eventually(
            lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in children)
        )


def test_a_request_that_was_begun_is_answered_while_the_shop_stops(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "1") as shop:
        with socket.create_connection(("127.0.0.1", shop.port)) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\n")
            assert shop.get() == 200  # the half request has surely been read by now
            shop.process.send_signal(signal.SIGTERM)
            assert eventually(lambda: not _listens(shop.port))
            slow.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
            assert slow.recv(15) == b"HTTP/1.1 200 OK"
        assert shop.process.wait(timeout=12) == 0


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        done = portal(tmp_path, "serve", "--port", str(shop.port))
        assert done.returncode == 2
        assert done.stderr == (
            f"Port {shop.port} is taken by another program. "
            f"Stop it, or choose another port: portal serve --port {shop.port + 1}\n"
        )
        assert shop.stop() == 0


def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    done = portal(tmp_path, "serve", BASE_URL="http://shop.example")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "BASE_URL is “http://shop.example”; passkeys need https everywhere but on "
        "http://localhost.\n"
    )


def test_an_answer_does_not_tell_what_serves_it(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port)
        connection.request("GET", "/healthz")
        assert connection.getresponse().headers["Server"] is None
        connection.close()
        assert shop.stop() == 0


def test_a_poll_that_finds_nothing_new_keeps_its_connection(tmp_path: Path) -> None:
    with served(tmp_path) as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port)
        connection.request("GET", "/sign-in")
        page = connection.getresponse().read().decode()
        style = re.search(r"/static/app\.\w+\.css", page)
        connection.request("GET", style[0], headers={"If-Modified-Since": _tomorrow()})
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.headers["Connection"]) == (304, b"", None)
        assert connection.sock is not None
        connection.close()
        assert shop.stop() == 0


def _tomorrow() -> str:
    return email.utils.formatdate(time.time() + 86_400, usegmt=True)


def _answers(shop) -> bool:
    try:
        return shop.get() == 200
    except OSError:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("trusted", "https"), [("", False), ("192.0.2.1", False), ("127.0.0.1", True)]
)
def test_only_the_trusted_proxy_says_how_people_came(
    tmp_path: Path, trusted: str, https: bool
) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "account.shop.example"}
    with served(tmp_path, "--processes", "1", TRUSTED_PROXY=trusted) as shop:
        connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=5)
        connection.request("GET", "/sign-in?next=//[", headers=told)
        answer = connection.getresponse()
        connection.close()
    assert (answer.status, "Strict-Transport-Security" in answer.headers) == (200, https)


def test_a_line_of_the_log_cannot_be_forged() -> None:
    told = "x\n{}\r\u2028\x1b[2K\x9b2K \ud800"
    record = logging.LogRecord("portal", logging.ERROR, "", 1, "bug %s", (told,), None)
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"bug {told}"
