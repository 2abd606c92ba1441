"""A report that a mail server hands over by itself, one message for each run of the command."""

from typing import BinaryIO

from portal.lib.bounces import LONGEST, read
from portal.lib.text import _
from portal.ops.migrate import TooNew, pending

NO_REPORT = _("Nobody reads mail here: this is no report about a mail of this shop.")


class Later(Exception):
    """The mail server is to try again; the sentence says why."""


def message(pipe: BinaryIO) -> bytes:
    """The message, cut where no report is that long; the pipe is emptied all the same."""
    raw = pipe.read(LONGEST)
    while pipe.read(65536):
        pass
    return raw


def take(raw: bytes) -> bool:
    """Whether this was a report about one of our mails. Raises Later and OperationalError."""
    try:
        if pending():
            raise Later(_("the database waits for its newest schema."))
    except TooNew as newer:
        raise Later(str(newer)) from newer
    return read(raw) is not None
