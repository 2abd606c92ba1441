"""Bots at the public forms: a field that people don't see, and a small step when a limit is near.

The step is never asked of passkeys. It needs no third party and nothing to be solved by a person:
the browser does a short sum by itself (static/step.js), or, without JavaScript, the person waits.
"""

from flask import Response, request

from portal.lib import pow as step
from portal.lib import throttle
from portal.lib.guard import client_key
from portal.lib.htmx import page
from portal.members.incidents import note
from portal.members.views.blueprint import counted_by, members

POT = "homepage"  # macros/forms.html: pot()
STATUS = 428  # nothing was refused: something is asked for first
_OWN = {"csrf_token", "step", "work", POT}
SECRET = {"password"}  # typed once more, and never written into a page


class StepAsked(Exception):
    """The small step comes first; with the stamp that goes on, or a fresh one."""

    def __init__(self, stamp: step.Stamp) -> None:
        super().__init__()
        self.stamp = stamp


def careful(*purposes: str) -> None:
    """Count one use of each row of LIMITS, after the small step where one of them is near.

    Raises StepAsked, or TooMany as `limit` does.
    """
    keys = {purpose: counted_by(purpose) for purpose in purposes}
    if any(throttle.near(purpose, key) for purpose, key in keys.items()):
        _ensure_step(request.endpoint or "")
    for purpose, key in keys.items():
        throttle.limit(purpose, key)


def caught() -> bool:
    """Whether the field that people don't see was filled in: answer as ever, and do nothing."""
    if not request.form.get(POT):
        return False
    note("pot")
    return True


def _ensure_step(purpose: str) -> None:
    client = client_key()
    stamp = step.read(request.form.get("step", ""), purpose)
    if stamp is None:
        raise StepAsked(step.issue(purpose, client))
    here = step.belongs(stamp, client)
    if not step.solved(stamp, request.form.get("work", "")) and not (here and stamp.rest == 0):
        raise StepAsked(stamp if here else step.issue(purpose, client))
    if not step.use(stamp):
        raise StepAsked(step.issue(purpose, client))


@members.app_errorhandler(StepAsked)
def ask_step(asked: StepAsked) -> Response:
    """The page with the step: what was typed is kept, but for secrets."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _OWN]
    return page(
        "members/step.html",
        STATUS,
        stamp=asked.stamp,
        bits=step.BITS,
        parts=step.PARTS,
        kept=[(name, value) for name, value in typed if name not in SECRET],
        again=[name for name, _value in typed if name in SECRET],
    )
