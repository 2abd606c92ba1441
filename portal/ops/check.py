"""The shop looks at its own data every night, and tells the owner when something is wrong."""

import time
from datetime import timedelta

from flask import current_app

from portal.imports.models import Upload
from portal.lib.clock import now
from portal.lib.dates import local
from portal.lib.db import write_tx
from portal.lib.jobs import periodic
from portal.lib.mail import Mail
from portal.lib.text import _, ngettext
from portal.members.letters import write_to
from portal.members.models import Member
from portal.ops.verify import problems
from portal.shop.models import SelfCheck, settings

HOUR = 4  # in the shop's zone: no clock is put forward or back at that hour
OVERDUE = timedelta(hours=25)
STUCK = timedelta(minutes=15)
LISTED = 100  # findings that are kept; more of them are a number
MAILED = 20
KEPT = timedelta(days=90)


@periodic("ops.check", minute="30")
def check_tonight() -> None:
    """Check once a night, and at the next half hour when the machine was off at that time."""
    last = latest()
    overdue = last is None or now() - last.at > OVERDUE
    if overdue or (local(now()).hour == HOUR and last and now() - last.at > timedelta(hours=2)):
        check()


def latest() -> SelfCheck | None:
    """The newest check, or None before the first."""
    return SelfCheck.select().order_by(SelfCheck.id.desc()).first()


def check() -> SelfCheck:
    """Look at everything, keep what was found, and mail the owners what is new of it."""
    began, before = time.monotonic(), latest()
    found = _listed([*problems(), *stuck()])
    known = set(before.problems) if before else set()
    with write_tx():
        SelfCheck.delete().where(SelfCheck.at < now() - KEPT).execute()
        kept = SelfCheck.create(seconds=round(time.monotonic() - began), problems=found)
        _mail_owners([sentence for sentence in found if sentence not in known])
    return kept


def stuck() -> list[str]:
    """What waits too long in the running shop: mails and imports, as sentences."""
    return [*_mails(), *_uploads()]


def _mails() -> list[str]:
    if not current_app.config["MAIL_URL"]:
        return []  # without a mail server they wait on purpose, on the owner's outbox page
    waiting = Mail.status.in_(("pending", "sending")) & (Mail.next_try_at < now() - STUCK)
    count = Mail.select().where(waiting).count()
    if not count:
        return []
    return [ngettext(
        "%(count)s mail has been due for more than 15 minutes; is the shop being served?",
        "%(count)s mails have been due for more than 15 minutes; is the shop being served?",
        count,
    )]  # fmt: skip


def _uploads() -> list[str]:
    silent = now() - STUCK
    fell_silent = (Upload.beat_at < silent) | (
        Upload.beat_at.is_null() & (Upload.created_at < silent)
    )
    query = Upload.select(Upload.name).where(
        Upload.state.in_(("looking", "importing")) & fell_silent
    )
    return [
        _("The file “%(name)s” has stood still for more than 15 minutes on its way in.", name=name)
        for (name,) in query.order_by(Upload.id).tuples()
    ]


def _listed(found: list[str]) -> list[str]:
    if len(found) <= LISTED:
        return found
    more = len(found) - LISTED
    return [*found[:LISTED], ngettext("%(count)s more of the kind", "%(count)s more", more)]


def _mail_owners(news: list[str]) -> None:
    if not news:
        return
    subject = ngettext(
        "Something in the shop’s data is not as it must be",
        "%(count)s things in the shop’s data are not as they must be",
        len(news),
    )
    why = _(
        "You got this mail because you own %(shop)s, which checks its own data every night. "
        "It is sent once for each thing that is found.",
        shop=settings().name,
    )
    more = ngettext("And %(count)s more.", "And %(count)s more.", len(news) - MAILED)
    for owner in Member.select().where(Member.role == "owner").order_by(Member.id):
        write_to(
            owner, "self_check", subject=subject, why=why, findings=news[:MAILED],
            more=more if len(news) > MAILED else "",
        )  # fmt: skip
