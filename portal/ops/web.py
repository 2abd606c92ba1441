"""One web process: a waitress with two threads on a socket of its own, drained before it ends."""

import signal
import socket
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask

from portal.config import Config

DRAIN_SECONDS = 8


class Task(WSGITask):
    """Leaves the connection open after an answer without a body, which polls end with (304)."""

    def set_close_on_finish(self) -> None:
        """Close after this answer, unless there is no reason but its missing body."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        if self.has_body or self.version != "1.1" or asked == "close":
            super().set_close_on_finish()


class Channel(HTTPChannel):
    """A connection whose answers are such tasks."""

    task_class = Task


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket that shares its port: the kernel spreads the load over the processes."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((host, port))
    return sock


def settings(config: Config, threads: int) -> dict[str, Any]:
    """What waitress is told. The demo sees forwarding headers, so that its door can refuse them."""
    proxy = "" if config.demo else config.trusted_proxy
    values: dict[str, Any] = {
        "threads": threads,
        "ident": None,
        "max_request_body_size": 11 * 1024 * 1024,
        "channel_timeout": 30,
        "connection_limit": 1000,
        "asyncore_use_poll": True,
        "clear_untrusted_proxy_headers": not config.demo,
    }
    if proxy:
        values |= {
            "trusted_proxy": proxy,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        }
    return values


def serve_web(app: Flask, config: Config, host: str, port: int, threads: int) -> None:
    """Answer requests until SIGTERM, then finish what was begun and return."""
    stopping = False
    sock = listening_socket(host, port)
    server: Any = create_server(app, sockets=[sock], **settings(config, threads))
    server.channel_class = Channel

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        server.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    while not stopping:
        _turn(server, 5)
    _drain(server)


def _turn(server: Any, seconds: float) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=server._map, count=1)


def _drain(server: Any) -> None:
    # Connections that the kernel has accepted for us count as begun.
    for _ in range(server.adj.backlog):
        before = len(server._map)
        server.handle_accept()
        if len(server._map) == before:
            break
    server.accepting = False
    server.socket.close()
    server.del_channel()
    until = time.monotonic() + DRAIN_SECONDS
    _turn(server, 0.05)
    while time.monotonic() < until and any(map(_busy, list(server.active_channels.values()))):
        _turn(server, 0.05)
    server.task_dispatcher.shutdown(timeout=1)


def _busy(channel: Any) -> bool:
    return bool(channel.requests or channel.request or channel.total_outbufs_len)
