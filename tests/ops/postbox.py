"""A small IMAP server for tests: one mailbox, the commands that the shop gives (RFC 3501, 4315)."""

import re
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread


class Box:
    """The messages by uid, what is marked on each, and what was asked."""

    def __init__(self, *messages: bytes) -> None:
        self.messages = dict(enumerate(messages, 1))
        self.flags: dict[int, set[str]] = {uid: set() for uid in self.messages}
        self.password = 'p"w\\d'
        self.able = "IMAP4rev1 UIDPLUS"
        self.asked: list[str] = []
        self.dies_at = ""  # the connection breaks when this is asked
        self.url = ""


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    box: Box

    def say(self, text: str) -> None:
        """One line."""
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self) -> None:
        """Answer line by line until somebody leaves."""
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _blank, command = line.partition(" ")
            self.box.asked.append(command)
            if self.box.dies_at and self.box.dies_at in command:
                return
            self.say(f"{tag} {self.answer(command)}")
            if command == "LOGOUT":
                return

    def answer(self, command: str) -> str:
        """Do what is asked; returns the line that ends the answer."""
        box, name = self.box, command.split(" ")[0]
        if name == "CAPABILITY":
            self.say(f"* CAPABILITY {box.able}")
        elif name == "LOGIN":
            quoted = box.password.replace("\\", "\\\\").replace('"', '\\"')
            if command != f'LOGIN "shop" "{quoted}"':
                return "NO [AUTHENTICATIONFAILED] not you"
        elif name == "SELECT":
            if command != 'SELECT "Back ups/in"':
                return "NO [NONEXISTENT] no such mailbox"
            self.say(f"* {len(box.messages)} EXISTS")
        elif name == "UID":
            return self.uid(command)
        elif name == "LOGOUT":
            self.say("* BYE")
        elif name not in ("NOOP", "CLOSE"):
            return "BAD what?"
        return f"OK {name} done"

    def uid(self, command: str) -> str:
        """UID SEARCH, FETCH, STORE and EXPUNGE."""
        box, words = self.box, command.split(" ")
        if words[1] == "SEARCH":
            new = [u for u in box.messages if not box.flags[u] & {"\\Seen", "\\Deleted"}]
            self.say(f"* SEARCH {' '.join(map(str, new))}".rstrip())
            return "OK done"
        uid = int(words[2])
        if words[1] == "FETCH":
            if uid in box.messages:
                size = int(re.search(r"<0\.(\d+)>", command)[1])  # type: ignore[index]
                raw = box.messages[uid][:size]
                self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n".encode())
                self.wfile.write(raw + b")\r\n")
        elif words[1] == "STORE":
            box.flags[uid] |= set(re.findall(r"\\\w+", command))
        elif "\\Deleted" in box.flags[uid]:
            del box.messages[uid]
        return "OK done"


class Server(socketserver.ThreadingTCPServer):
    """The server, over TLS where it has a certificate."""

    daemon_threads = True
    allow_reuse_address = True
    context: ssl.SSLContext | None = None

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """Shake hands in the thread of the connection."""
        try:
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, client_address)
            request.close()
        except OSError:
            return  # who does not trust us hangs up


@contextmanager
def served(box: Box, certificate: str = "") -> Iterator[Box]:
    """The mailbox, served on loopback; `url` is what BOUNCES_URL says."""
    handler = type("Handler", (Session,), {"box": box})
    with Server(("127.0.0.1", 0), handler) as server:
        if certificate:
            server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.context.load_cert_chain(certificate)
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        kind = "imaps" if certificate else "imap"
        host = "localhost" if certificate else "127.0.0.1"
        port = server.server_address[1]
        box.url = f"{kind}://shop:p%22w%5Cd@{host}:{port}/Back%20ups/in"
        yield box
        server.shutdown()
