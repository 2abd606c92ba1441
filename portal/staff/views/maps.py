"""The owner says which column is what, and sees at once how the file would come in."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from flask import Response, make_response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.imports import uploads
from portal.imports.formats.files import Unreadable, look_at
from portal.imports.jobs import go_on
from portal.imports.maps.draft import (
    CONST,
    KEPT,
    SETTINGS,
    changed,
    chosen,
    kind_of,
    table_of,
    text_of,
)
from portal.imports.maps.fields import FIELDS, KINDS, LINES, STATES, Field
from portal.imports.maps.grammar import Map
from portal.imports.maps.parse import LONGEST, WrongMap, parse
from portal.imports.maps.preview import PreviewRow, columns, preview, sample, words
from portal.imports.maps.suggest import fingerprint, meanings, suggest
from portal.imports.models import SavedMap, Upload
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.guard import current_member, find_or_404, owner_only
from portal.lib.htmx import asked, done, page, partial
from portal.lib.money import currencies
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.shop.models import settings
from portal.staff.views.blueprint import staff

WAITING = ("looking", "looked", "refused")
USUAL = (
    "number", "placed_at", "customer_id", "email", "phone", "name", "financial_status", "total",
    "currency", "shipping", "tax", "discount", "title", "sku", "quantity", "price", "amount", "at",
    "kind", "method", "company",
)  # fmt: skip


@dataclass(slots=True)
class Entry:
    """A field on the page: what is chosen for it, and what is wrong with that."""

    path: str
    field: Field
    chosen: str
    const: str
    kept: str = ""  # what the text says of it, where that is neither a column nor a constant
    error: str = ""

    @property
    def id(self) -> str:
        """Its id in the page."""
        return "f-" + self.path.replace(".", "-").replace("_", "-")

    @property
    def shown(self) -> bool:
        """Whether it stands on the page at once; the others are folded."""
        usual = self.path.partition(".")[2] in USUAL
        return bool(self.chosen or self.error or self.field.required or usual)


@dataclass(slots=True)
class Look:
    """What a draft comes to: the first rows, or why it can't be used yet."""

    rows: list[PreviewRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    trouble: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    words: list[tuple[Field, list[tuple[str, str]], tuple[str, ...]]] = field(default_factory=list)


@staff.get("/imports/map/<token>", endpoint="map")
@owner_only
def show(token: str) -> BaseResponse:
    """The draft: the upload's own map, the one remembered for such a header, or a first guess."""
    upload, header = _find(token)
    saved = SavedMap.get_or_none(SavedMap.fingerprint == fingerprint(header))
    text = upload.map or (saved.toml if saved else text_of(_with_meanings(suggest(header), upload)))
    return page("staff/map.html", **_about(upload, header, text, saved=saved))


@staff.post("/imports/map/<token>/preview")
@owner_only
def preview_map(token: str) -> BaseResponse:
    """How the file would come in with what the form says; nothing is kept."""
    upload, header = _find(token)
    about = _about(upload, header, _typed(upload))
    if not asked():
        return page("staff/map.html", **about)
    whole = "whole" in request.args
    return partial("staff/_map.html" if whole else "staff/_map_preview.html", **about)


@staff.post("/imports/map/<token>/text")
@owner_only
def adopt_text(token: str) -> BaseResponse:
    """Take over a map that was typed or pasted as text, or say what is wrong with it."""
    upload, header = _find(token)
    text = request.form.get("text", "")[: LONGEST + 1].replace("\r\n", "\n")
    try:
        parse(text)
    except WrongMap as wrong:
        said = " ".join(str(mistake) for mistake in wrong.mistakes[:5])
        about = _about(upload, header, _typed(upload)) | {"text": text, "text_error": said}
        return page("staff/map.html", 422, **about)
    return page("staff/map.html", **_about(upload, header, text))


@staff.post("/imports/map/<token>/download")
@owner_only
def download_map(token: str) -> Response:
    """The map as a file, for the command line or another shop."""
    upload, _header = _find(token)
    answer = make_response(_typed(upload))
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="map.toml"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@staff.post("/imports/map/<token>")
@owner_only
def use_map(token: str) -> BaseResponse:
    """Have the file looked at with this map, and remember it for files with such a header."""
    upload, header = _find(token)
    text = _typed(upload)
    about = _about(upload, header, text)
    if about["look"].trouble or about["look"].errors:
        return page("staff/map.html", 422, **about)
    with write_tx():
        uploads.look_again(
            upload, kind=parse(text).record_kind, shop=upload.shop, currency=upload.currency,
            map=text,
        )  # fmt: skip
        _remember(fingerprint(header), upload.name, text)
        go_on()
    return done("", go_to=url_for("staff.upload", token=upload.token))


def _with_meanings(table: dict[str, Any], upload: Upload) -> dict[str, Any]:
    """A table with what the words of its states usually mean, where nothing is said of them yet."""
    silent = {
        name: column
        for name, column in _state_columns(table).items()
        if name not in table.get("values", {}) and not request.form.getlist(f"w:{name}")
    }
    if silent:
        said = words(silent, uploads.path_of(upload))
        known = {name: meanings(name, theirs) for name, theirs in said.items()}
        table["values"] = table.get("values", {}) | {
            name: own for name, own in known.items() if own
        }
    return {key: value for key, value in table.items() if key != "values" or value}


def _state_columns(table: dict[str, Any]) -> dict[str, str]:
    fields = table["fields"].items()
    return {name: said for name, said in fields if name in STATES and isinstance(said, str)}


def _remember(mark: str, name: str, text: str) -> None:
    values = {"toml": text, "used_at": now(), "by": current_member.id}
    SavedMap.insert(fingerprint=mark, name=name[:120], created_at=now(), **values).on_conflict(
        conflict_target=[SavedMap.fingerprint], update=values
    ).execute()


def _find(token: str) -> tuple[Upload, list[str]]:
    """An upload that waits, and the columns of its file. Refused where it can't be mapped."""
    upload: Upload = find_or_404(
        Upload.select().where(Upload.state.in_(WAITING)), Upload.token == token
    )
    try:
        with sample(uploads.path_of(upload)) as head:
            source = look_at(head)
    except OSError:
        raise Refused(_("This file is not here any more. Send it again.")) from None
    except Unreadable as why:
        raise Refused(why.sentence) from None
    if source.format == "json":
        raise Refused(_("A map is for tables: CSV or XLSX. This is a JSON file."))
    return upload, source.header


def _typed(upload: Upload) -> str:
    """The map that the form describes, as text."""
    base = table_of(request.form.get("base", "")[: LONGEST + 1])
    return text_of(_with_meanings(changed(base, request.form), upload))


def _about(
    upload: Upload, header: list[str], text: str, saved: SavedMap | None = None
) -> dict[str, Any]:
    table = table_of(text)
    kind = kind_of(table)
    look = _look(upload, text, kind)
    entries = _entries(table, kind, look.errors)
    known = {entry.path for entry in entries} | set(SETTINGS)
    own = {path: sentence for path, sentence in look.errors.items() if path in known}
    others = [f"{path}: {said}" if path else said for path, said in look.errors.items()
              if path not in own]  # fmt: skip
    return {
        "upload": upload, "header": header, "kind": kind, "kinds": KINDS, "text": text,
        "settings": {name: table.get(name, "") for name in SETTINGS}, "saved": saved,
        "groups": _groups(entries), "look": look, "others": others, "own": own, "text_error": "",
        "zones": sorted(available_timezones()), "shop_zone": settings().timezone,
        "currencies": sorted(currencies()), "CONST": CONST, "KEPT": KEPT,
    }  # fmt: skip


def _entries(table: dict[str, Any], kind: str, errors: dict[str, str]) -> list[Entry]:
    known = [(f"fields.{name}", own) for name, own in FIELDS[kind].items()]
    if kind == "orders":
        known += [(f"lines.{name}", own) for name, own in LINES.items()]
    return [Entry(path, own, *chosen(table, path), errors.get(path, "")) for path, own in known]


def _groups(entries: list[Entry]) -> list[tuple[str, list[Entry], list[Entry]]]:
    """The fields by what they tell of: those that are usual or chosen, and the others."""
    names = {
        "order": _("The order"),
        "person": _("Who bought it"),
        "money": _("The money"),
        "line": _("Each line"),
    }
    groups = []
    for group, name in names.items():
        own = [entry for entry in entries if entry.field.group == group]
        if own:
            groups.append((name, [e for e in own if e.shown], [e for e in own if not e.shown]))
    return groups


def _look(upload: Upload, text: str, kind: str) -> Look:
    look = Look(columns=columns(kind))
    try:
        map = parse(text)
    except WrongMap as wrong:
        look.errors = {mistake.path: mistake.sentence for mistake in wrong.mistakes}
        return look
    path = uploads.path_of(upload)
    try:
        if map.joined:
            raise Unreadable(_("This map joins several files: use it with portal import --map."))
        states = {
            name: value.columns[0]
            for name, value in map.fields.items()
            if name in STATES and len(value.columns) == 1
        }
        look.words = _words(map, words(states, path))
        look.rows = preview(map, path)
    except Unreadable as why:
        look.trouble = why.sentence
    return look


def _words(
    map: Map, said: dict[str, list[str]]
) -> list[tuple[Field, list[tuple[str, str]], tuple[str, ...]]]:
    """For each state that a column tells: its words in the file, ours beside them, our choices."""
    return [
        (
            FIELDS[map.kind][name],
            [(word, _ours(map, name, word)) for word in theirs],
            STATES[name],
        )
        for name, theirs in said.items()
    ]


def _ours(map: Map, name: str, word: str) -> str:
    translated = map.values.get(name, {})
    folded = " ".join(word.split()).casefold()
    ours = translated.get(folded, translated.get("*", folded.replace(" ", "_").replace("-", "_")))
    return ours if ours in STATES[name] else ""
