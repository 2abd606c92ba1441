"""A provider that says whatever a test wants it to: for what honest providers never say."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import waitress
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.wrappers import Request, Response

CLIENT = "fern-and-kettle"


class StandIn:
    """Discovery, keys and tokens over real HTTP; `claims` and the like are what tests turn."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.issuer = ""
        self.path = ""  # of the issuer, as Microsoft's has one
        self.described: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.without: tuple[str, ...] = ()
        self.forges = False
        self.signer: Any = None
        self.token_answer: Response | None = None
        self.asked: list[dict[str, str]] = []  # what token requests held
        self.pages: dict[str, Any] = {}  # other addresses, as JSON
        self.nonce = ""

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """WSGI."""
        return self._answer(Request(environ))(environ, start)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path.endswith("/.well-known/openid-configuration"):
            return _json(self.description())
        if path == "/keys":
            return _json(KeySet([self.key]).as_dict(private=False))
        if path in ("/token", "/2/oauth2/token"):
            self.asked.append({**request.form, "authorization": str(request.authorization or "")})
            return self.token_answer or _json(
                {"access_token": "opens", "token_type": "Bearer", "id_token": self.id_token()}
            )
        if path in self.pages:
            self.asked.append(dict(request.args))
            return _json(self.pages[path])
        return Response("nothing", 404)

    def description(self) -> dict[str, Any]:
        """What it says of itself."""
        home = self.issuer
        return {
            "issuer": home + self.path,
            "authorization_endpoint": f"{home}/authorize",
            "token_endpoint": f"{home}/token",
            "jwks_uri": f"{home}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.described,
        }

    def id_token(self) -> str:
        """The token as the test wants it."""
        moment = int(time())
        said = {
            "iss": self.issuer + self.path, "sub": "alice", "aud": CLIENT, "nonce": self.nonce,
            "iat": moment, "exp": moment + 300, **self.claims,
        }  # fmt: skip
        said = {name: value for name, value in said.items() if name not in self.without}
        if self.forges:
            return forged(self, said)
        return jwt.encode({"alg": "RS256", "kid": "one"}, said, self.signer or self.key)

    def sign(self, there: str, **more: str) -> dict[str, str]:
        """The person agrees at the address they were sent to: what the provider answers."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        self.nonce = sent.get("nonce", "")
        return {"state": sent["state"], "code": "a code", **more}


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A stand-in that listens on loopback."""
    stand_in = StandIn()
    server = waitress.create_server(stand_in, host="127.0.0.1", port=0, threads=2)
    stand_in.issuer = f"http://localhost:{server.effective_port}"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield stand_in
    server.close()
    thread.join(5)


def forged(stand_in: StandIn, said: dict[str, Any]) -> str:
    """A token sealed with the public key as if it were a shared one: the old trick with HS256."""
    parts = [{"alg": "HS256", "kid": "one"}, said]
    text = b".".join(urlsafe_b64encode(json.dumps(part).encode()).strip(b"=") for part in parts)
    seal = hmac.new(stand_in.key.as_pem(private=False), text, "sha256").digest()
    return b".".join([text, urlsafe_b64encode(seal).strip(b"=")]).decode()


def _json(found: Any) -> Response:
    return Response(json.dumps(found), content_type="application/json")
