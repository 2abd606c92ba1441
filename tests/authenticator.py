"""An authenticator in software: makes passkeys and answers challenges as a phone would."""

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


class Authenticator:
    """One passkey at one site. `count` is what it says next; `verified` is a finger on it."""

    def __init__(self, origin: str = "http://localhost:8000", rp_id: str = "localhost") -> None:
        self.origin = origin
        self.rp_id = rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0
        self.flags = UP | UV

    def make(self, options: dict[str, Any]) -> str:
        """The credential for `navigator.credentials.create`, as JSON."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {
            1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big"),
        }  # fmt: skip
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + attested}
        return self._credential(
            {
                "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", options)),
                "attestationObject": bytes_to_base64url(cbor2.dumps(made)),
                "transports": ["internal"],
            }
        )

    def answer(self, options: dict[str, Any]) -> str:
        """The assertion for `navigator.credentials.get`, as JSON."""
        client, data = self._client("webauthn.get", options), self._data()
        signed = data + hashlib.sha256(client).digest()
        return self._credential(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": bytes_to_base64url(self.handle),
            }
        )

    def _data(self, more: int = 0) -> bytes:
        return (
            hashlib.sha256(self.rp_id.encode()).digest()
            + bytes([self.flags | more])
            + struct.pack(">I", self.count)
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        ).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def add_passkey(client, authenticator: Authenticator, where: str = "/account/security/passkeys"):
    """Make a passkey as the security page does."""
    options = client.post("/account/security/passkeys/options").json
    credential = authenticator.make(options["publicKey"])
    return client.post(
        where, data={"challenge_id": options["challenge_id"], "credential": credential}
    )


def proof(client, authenticator: Authenticator) -> dict[str, str]:
    """What the sign-in form sends: a fresh challenge, answered."""
    options = client.post("/sign-in/passkey/options").json
    credential = authenticator.answer(options["publicKey"])
    return {"challenge_id": options["challenge_id"], "credential": credential}
