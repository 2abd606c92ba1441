"""Pages of payments."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from portal.lib.guard import current_member
from portal.lib.htmx import asked, page, partial
from portal.payments import timeline as _timeline  # noqa: F401
from portal.payments.chart import chart
from portal.payments.movements import page_of
from portal.payments.spending import spending, this_year

payments = Blueprint("payments", __name__, url_prefix="/account/payments")


@payments.get("")
def index() -> Response:
    """Payments and refunds over all orders; htmx asks for further rows or for another year."""
    member, target = current_member.id, None
    if asked():
        target = request.htmx.target_id  # type: ignore[attr-defined]
    if target == "more":
        return partial("payments/_rows.html", **_rows(member))
    spent = _spent(member, request.args.get("year", ""))
    if target == "spending":
        return partial("payments/_spending.html", **spent)
    return page("payments/index.html", **spent, **_rows(member))


def _rows(member_id: int) -> dict[str, Any]:
    found = page_of(member_id, request.args.get("after"))
    return {
        "rows": found.rows,
        "more_url": url_for(".index", after=found.next) if found.next else "",
    }


def _spent(member_id: int, text: str) -> dict[str, Any]:
    newest = this_year()
    asked_for = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else newest
    year = min(max(asked_for, 1970), newest)
    found, first = spending(member_id, year)
    years = list(range(newest, (first or newest) - 1, -1))
    drawn = [(one, chart(one)) for one in found if one.year.paid or one.year.back]
    return {"spent": found, "drawn": drawn, "year": year, "years": years}
