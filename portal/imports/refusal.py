"""Why a file fits no kind: the nearest ones with what each would need, never a guess."""

from portal.imports.formats.sources import Source, Unreadable
from portal.imports.readers import nearest
from portal.lib.text import _


def dead_end(columns: set[str]) -> str:
    """What to do with a file that looks like enough and is not; blank for every other."""
    if {"n.revenue(formatted)", "order#"} <= columns:
        return _(
            "This is the table of orders from WooCommerce's Analytics. It has no e-mail addresses,"
            " no lines and no currency, so no order can be made of it. Export the orders with"
            " WebToffee's order export, or fetch them as JSON from WooCommerce's REST interface."
        )
    if {"ordernumber", "firstname(billing)"} <= columns:
        return _(
            "This looks like AlgolPlus's order export, whose columns every shop names and chooses"
            " itself. Bring it in with a map, which says once which column is which."
        )
    return ""


def unfit(source: Source) -> Unreadable:
    """The refusal of a file that no reader knows; `nearest` names up to three kinds."""
    near = nearest(source.columns, source.format)
    found = [(reader.KIND, missing) for reader, missing in near]
    if advice := dead_end(set(source.columns)):
        return Unreadable(advice, found[0][1], found)
    kinds = "; ".join(
        _("%(kind)s, which also needs %(columns)s", kind=kind, columns=", ".join(missing))
        for kind, missing in found
    )
    sentence = _(
        "This file fits no kind that is known. The nearest: %(kinds)s. Export it again with these"
        " columns, or bring it in with a map.",
        kinds=kinds,
    )
    return Unreadable(sentence, found[0][1], found)


def lacks(kind: str, missing: list[str]) -> Unreadable:
    """The refusal of a file that was said to be of a kind, and lacks its columns."""
    sentence = _(
        "This file can't be imported as %(kind)s: it lacks %(columns)s.",
        kind=kind,
        columns=", ".join(missing),
    )
    return Unreadable(sentence, missing, [(kind, missing)])
