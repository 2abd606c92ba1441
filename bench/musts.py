"""What the pages must reach, in the same run as a bare Flask answer on the same server."""

from typing import Any

# Parts of the speed (by processor time) of a bare Flask answer.
OF_BARE = {"dashboard": 0.20, "orders": 0.25, "partial": 0.35, "not modified": 0.55}
# SQL statements, whatever the number of rows; session and member count as one more.
STATEMENTS = {"dashboard": 6, "orders": 3, "one order": 5, "partial": 3}
# Bytes with gzip.
BYTES = {
    "dashboard": 5 * 1024,
    "orders": 5 * 1024,
    "one order": 5 * 1024,
    "partial": 1024,
    "css": 8 * 1024,
    "js and htmx": 17.5 * 1024,
    "first view": 30 * 1024,
    "font": 32 * 1024,
}


def judge(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Each must with what was found; `met` says whether it is reached."""
    pages, sizes = found["pages"], dict(found["gzip_bytes"])
    sizes["js and htmx"] = sizes["js"] + sizes["htmx"]
    bare = pages["bare Flask answer"]["cpu_ms"]
    list_ = [
        _least(f"{n}: of a bare answer", bare / pages[n]["cpu_ms"], m) for n, m in OF_BARE.items()
    ]
    for name in ("dashboard", "orders", "one order", "partial", "agent search"):
        ratio = pages[name]["p99_ms"] / pages[name]["p50_ms"]
        list_.append(_most(f"{name}: p99 of its p50", ratio, 3))
    few = pages["dashboard, 2,000 orders"]["cpu_ms"]
    list_.append(
        _least("dashboard: 200,000 against 2,000 orders", few / pages["dashboard"]["cpu_ms"], 0.9)
    )
    search = pages["agent search"]["cpu_ms"] / pages["agent search, 2,000 orders"]["cpu_ms"]
    list_.append(_most("agent search: against a hundredth of members", search, 3))
    list_ += [_most(f"{n}: statements", found["statements"][n], m) for n, m in STATEMENTS.items()]
    list_ += [_most(f"{n}: bytes with gzip", sizes[n], int(m)) for n, m in BYTES.items()]
    list_.append(_least("import: of raw executemany", found["import"]["of_raw"], 0.40))
    list_ += [
        _most(f"search of 100,000 for {name}: p95, ms", value, 300)
        for name, value in found["search_p95_ms"].items()
    ]
    return list_


def _least(what: str, value: float, must: float) -> dict[str, Any]:
    return {"what": what, "found": round(value, 2), "sign": "≥", "must": must, "met": value >= must}


def _most(what: str, value: float, must: float) -> dict[str, Any]:
    return {"what": what, "found": round(value, 2), "sign": "≤", "must": must, "met": value <= must}
