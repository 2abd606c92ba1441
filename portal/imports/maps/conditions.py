"""Whether a row is one of those that a rule of the map means."""

from collections.abc import Callable
from decimal import Decimal

from portal.imports.maps.amounts import number
from portal.imports.maps.grammar import Condition
from portal.imports.reading.cells import clean

LOOKED_AT = 200  # characters of a cell that a pattern is held against


def holds(condition: Condition, cell: str, comma: bool) -> bool:
    """Whether a condition holds for the cell of its column; a cell that is no number is none."""
    text = clean(cell)
    return _plainly(condition, text, comma) != condition.turned


def _plainly(condition: Condition, text: str, comma: bool) -> bool:
    if condition.test == "empty":
        return not text
    if condition.test == "equals":
        return text.casefold() in condition.words
    if condition.test == "matches":
        assert condition.pattern is not None
        return bool(condition.pattern.search(text[:LOOKED_AT]))
    try:
        amount = number(text, comma)
    except ValueError:
        return condition.turned  # the row is not meant, whichever way the rule is put
    if amount is None:
        return condition.turned
    if condition.test == "less_than":
        return amount < Decimal(str(condition.number))
    return amount > Decimal(str(condition.number))


def all_hold(conditions: tuple[Condition, ...], cell: Callable[[str], str], comma: bool) -> bool:
    """Whether every condition holds; `cell` gives a row's cell by the column's name."""
    return all(holds(condition, cell(condition.column), comma) for condition in conditions)
