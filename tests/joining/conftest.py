"""A mail server that can refuse recipients, and short ways through joining."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from serving import free_port


class Server:
    """An SMTP server on loopback that takes mails, or answers recipients as it is told."""

    def __init__(self) -> None:
        self.refusals: dict[str, str] = {}
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def]
        """Take the recipient, or refuse it."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]
        """Keep what came."""
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture
def smtp(app: Flask) -> Iterator[Server]:
    """The shop's mail server."""
    server = Server()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield server
    controller.stop()
