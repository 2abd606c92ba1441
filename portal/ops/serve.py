"""The small parent of the shop: a web process for each core, one job worker, all kept alive."""

import ctypes
import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask

from portal.config import Config
from portal.lib.db import db
from portal.ops.served import serving
from portal.ops.web import serve_web
from portal.ops.worker import work

log = logging.getLogger("portal.serve")

STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
DRAIN_SECONDS = 10
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1


class PortTaken(Exception):
    """Another program listens on the port."""


@dataclass
class Process:
    """A place in the house: what runs there, and how it fared."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started: float = 0.0
    pause: float = 0.0
    start_at: float = field(default=0.0)


def free_port(host: str, port: int) -> int:
    """The port when nobody listens there (0: any free one); raises PortTaken with a sentence.

    The web processes share the port, so a second server on it would start without an error and
    take a part of the requests; asking for it exclusively first finds that out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(_why(error, host, port)) from None
        return int(probe.getsockname()[1])


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program. "
            f"Stop it, or choose another port: portal serve --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is only for root. Choose one above 1023, behind a proxy."
    return f"Cannot listen on {host}, port {port}: {error.strerror}."


def supervise(
    app: Flask,
    config: Config,
    host: str,
    port: int,
    processes: int,
    threads: int,
    ready: Callable[[], None],
) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP; `ready` is called once the port answers.

    The app is loaded once, here, and the processes are forked from it, which saves memory and
    start-up time. No database connection is open while forking.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP | {signal.SIGCHLD})
    settle_memory()
    places = [
        Process(f"web {n + 1}", lambda: serve_web(app, config, host, port, threads))
        for n in range(processes)
    ]
    places.append(Process("worker", lambda: work(app)))
    with serving(config):
        for place in places:
            _start(place)
        if _answers(host, port):
            ready()
        _keep_alive(places)
        _drain(places)


def settle_memory() -> None:
    """What is loaded by now stays: keep the collector off it, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _keep_alive(places: list[Process]) -> None:
    while True:
        waiting = [place.start_at for place in places if not place.pid]
        timeout = max(0.0, min(waiting) - time.monotonic()) if waiting else 3600.0
        news = signal.sigtimedwait(STOP | {signal.SIGCHLD}, timeout)
        if news and news.si_signo in STOP:
            return
        for place, status in _ended(places):
            _plan_restart(place, status)
        for place in places:
            if not place.pid and place.start_at <= time.monotonic():
                _start(place)


def _plan_restart(place: Process, status: int) -> None:
    lived = time.monotonic() - place.started
    place.pause = min(LONGEST_PAUSE, max(0.5, place.pause * 2)) if lived < 5 else 0.0
    place.start_at = time.monotonic() + place.pause
    log.error(
        "the process %s ended (%s), it starts again in %.1f s", place.name, status, place.pause
    )


def _start(place: Process) -> None:
    parent = os.getpid()
    sys.stdout.flush()
    place.started = time.monotonic()
    place.pid = os.fork()
    if place.pid == 0:
        os._exit(_live(place.run, parent))


def _live(run: Callable[[], None], parent: int) -> int:
    """A child's whole life; returns its exit code. It ends when its parent does."""
    os.setpgid(0, 0)  # Ctrl-C is the parent's to hear
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (STOP | {signal.SIGCHLD}) - {signal.SIGTERM})
    try:
        run()
    except BaseException:
        log.exception("a process of the shop ended")
        return 1
    return 0


def _ended(places: list[Process]) -> list[tuple[Process, int]]:
    ended = []
    for place in places:
        if place.pid:
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid:
                place.pid = 0
                ended.append((place, os.waitstatus_to_exitcode(status)))
    return ended


def _drain(places: list[Process]) -> None:
    until = time.monotonic() + DRAIN_SECONDS
    _tell(places, signal.SIGTERM)
    while any(place.pid for place in places) and time.monotonic() < until:
        signal.sigtimedwait({signal.SIGCHLD}, 0.2)
        _ended(places)
    _tell(places, signal.SIGKILL)
    for place in places:
        if place.pid:
            os.waitpid(place.pid, 0)


def _tell(places: list[Process], number: int) -> None:
    for place in places:
        if place.pid:
            os.kill(place.pid, number)


def _answers(host: str, port: int) -> bool:
    """Whether the port takes connections within ten seconds."""
    there = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            with socket.create_connection((there, port), 1):
                return True
        except OSError:
            time.sleep(0.05)
    return False


def let_go_of_database() -> None:
    """Close every connection of this process, so that children open their own."""
    if not db.is_closed():
        db.close()
    if hasattr(db.obj, "close_all"):
        db.obj.close_all()
