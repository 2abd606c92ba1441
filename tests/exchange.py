"""A text message exchange for the tests: a real HTTP server that speaks as Twilio's API does."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

from flask import Flask

from portal.lib.jobs import run_waiting
from portal.lib.sms import TextMessage


class Exchange:
    """What the gateway was sent, and what it answers next."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answers: list[tuple[int, str]] = []

    def newest(self) -> tuple[str, str]:
        """The number and the words of the newest message, once all that wait were sent."""
        run_waiting()
        form = self.asked[-1]["form"]
        return form["To"], form["Body"]


@contextmanager
def exchange_of(app: Flask) -> Iterator[Exchange]:
    """The shop's gateway, while the block runs."""
    kept = Exchange()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            kept.asked.append(
                {
                    "path": self.path,
                    "form": {name: values[0] for name, values in form.items()},
                    "auth": base64.b64decode(self.headers["Authorization"][6:]).decode(),
                }
            )
            status, body = kept.answers.pop(0) if kept.answers else (201, '{"sid": "SM1"}')
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    app.config["SMS_URL"] = f"twilio+http://AC1:s%40cret@127.0.0.1:{server.server_port}/+15550100"
    yield kept
    server.shutdown()
    server.server_close()


def newest_code() -> str:
    """The code of the newest text message that waits."""
    return TextMessage.select().order_by(TextMessage.id.desc()).get().secret() or ""
