"""Whether two names may be one person's: order of words, initials and one slip do not matter."""

from portal.members.models.search import words


def name_key(name: str) -> str:
    """A name in a form that two spellings share; nothing for one that tells too little."""
    parts = sorted(words(name))
    return " ".join(parts) if len(parts) > 1 else ""


def alike(one: str, other: str) -> bool:
    """Every word of the shorter name has its like in the other; at least one is no initial."""
    few, many = sorted((words(one), words(other)), key=len)
    if not few:
        return False
    left, whole = list(many), 0
    for word in few:
        found = next((here for here in left if _same(word, here)), None)
        if found is None:
            return False
        left.remove(found)
        whole += min(len(word), len(found)) > 1
    return whole > 0


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return long.startswith(short)
    return short == long or (len(short) > 3 and _near(short, long))


def _near(short: str, long: str) -> bool:
    """One letter other, more or less."""
    if len(long) - len(short) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :] or short[at + 1 :] == long[at + 1 :]
