"""Static files: joined, named by their content, compressed once, kept by browsers for a year."""

import hashlib
import re
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

_HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


class Assets:
    """The built files of one process: source name to hashed URL."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self._kept = TemporaryDirectory(prefix="regulars-static-")  # goes when the process ends
        self.folder = Path(self._kept.name)
        self.urls: dict[str, str] = {}
        for path in sorted(source.glob("vendor/*")) + sorted(source.glob("*.*")):
            if path.is_file() and path.suffix != ".md":
                name = path.relative_to(source).as_posix()
                self._add(name, path.read_bytes())
        for name, folder in (("app", ""), ("desk", "desk/")):  # the desk's pages load both
            self._add(f"{name}.js", self._joined(f"js/{folder}*.js"))
            self._add(f"{name}.css", self._with_urls(self._joined(f"css/{folder}*.css")))
        self._compress()

    def url(self, name: str) -> str:
        """The address of an asset such as `app.css`; an unknown name is a KeyError."""
        return self.urls[name]

    def _joined(self, pattern: str) -> bytes:
        return b"\n".join(path.read_bytes() for path in sorted(self.source.glob(pattern)))

    def _with_urls(self, css: bytes) -> bytes:
        for name, url in self.urls.items():
            css = css.replace(f"/static/{name}".encode(), url.encode())
        return css

    def _add(self, name: str, content: bytes) -> None:
        tag = hashlib.sha256(content).hexdigest()[:12]
        stem, _dot, ending = name.rpartition(".")
        hashed = f"{stem}.{tag}.{ending}"
        path = self.folder / hashed
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.urls[name] = f"/static/{hashed}"

    def _compress(self) -> None:
        compressor = Compressor(quiet=True)
        for path in list(self.folder.rglob("*.*")):
            if compressor.should_compress(path.name):
                list(compressor.compress(str(path)))


@lru_cache(maxsize=1)
def _built(source: Path) -> Assets:
    """The assets are the same for every app of a process."""
    return Assets(source)


def init(app: Flask, source: Path) -> None:
    """Serve the built files in front of the app and give templates `asset(name)`."""
    assets = _built(source)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url

    def immutable(_path: str, url: str) -> bool:
        return bool(_HASHED.search(url))

    def harden(headers: Any, _path: str, _url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(assets.folder),
        prefix="static/",
        immutable_file_test=immutable,
        allow_all_origins=False,
        add_headers_function=harden,
    )
