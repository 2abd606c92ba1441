"""The list of what to do first: on the dashboard until all of it is done, or put away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from portal.joining import steps
from portal.joining.models import Step
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.text import _
from portal.members.models import EmailAddress, Event, Member, Passkey
from portal.profiles.models import Picture, Profile

SHOWN_FOR = timedelta(days=90)  # after joining
BY_PHONE = "joining.joined_phone"
AWAY = "checklist"  # the name of the row that says it was put away


@dataclass(frozen=True)
class Task:
    """Something worth doing first. `done` is None where it is nothing for this member."""

    name: str
    rank: int
    words: str
    why: str
    url: Callable[[], str]
    done: Callable[[Member], bool | None]


@dataclass(frozen=True)
class Item:
    """A task as one member has it."""

    words: str
    why: str
    url: str
    done: bool


_tasks: dict[str, Task] = {}


def add_task(task: Task) -> None:
    """Put a task on everybody's list; the lowest rank stands first."""
    _tasks[task.name] = task


def items(member: Member) -> list[Item]:
    """The tasks that are something for this member, done or not."""
    found = []
    for task in sorted(_tasks.values(), key=lambda task: (task.rank, task.name)):
        done = task.done(member)
        if done is not None:
            found.append(Item(_(task.words), _(task.why), task.url(), done))
    return found


def card(member: Member) -> list[Item]:
    """What the dashboard shows: nothing once all is done, put away or long ago."""
    if member.joined_at is None or now() - member.joined_at > SHOWN_FOR or member.role:
        return []
    away = (Step.member == member.id) & (Step.name == AWAY)
    if Step.select().where(away).exists():
        return []
    found = items(member)
    return [] if all(item.done for item in found) else found


def put_away(member: Member) -> None:
    """Show the list no more."""
    with write_tx():
        member.touch()
        steps.settle(member, AWAY, steps.SKIPPED)


def _has_passkey(member: Member) -> bool:
    return bool(Passkey.select().where(Passkey.member == member.id).exists())


def _has_profile(member: Member) -> bool:
    wrote = (Profile.member == member.id) & (Profile.bio != "")
    if Profile.select().where(wrote).exists():
        return True
    return bool(Picture.select().where(Picture.member == member.id).exists())


def _has_address(member: Member) -> bool | None:
    """Something for those alone who came without one."""
    came = Event.select().where((Event.member == member.id) & (Event.kind == BY_PHONE))
    if not came.exists():
        return None
    email = EmailAddress.of(member)
    return email is not None and email.verified_at is not None


def _told_about(member: Member) -> bool | None:
    return not steps.next_step(member) if steps.wanted() else None


add_task(
    Task(
        "passkey",
        10,
        "Make a passkey",
        "Next time your fingerprint, face or PIN opens the account, without a code.",
        lambda: url_for("members.security"),
        _has_passkey,
    )
)
add_task(
    Task(
        "address",
        15,
        "Add an e-mail address",
        "A second way in, and where we can reach you once the number is another’s.",
        lambda: url_for("recovery.email"),
        _has_address,
    )
)
add_task(
    Task(
        "about",
        20,
        "Tell the shop a little about yourself",
        "A few questions, and you can skip each of them.",
        lambda: url_for("joining.steps"),
        _told_about,
    )
)
add_task(
    Task(
        "profile",
        30,
        "Fill in your profile",
        "A picture, or a few words. You choose who sees them.",
        lambda: url_for("profiles.edit"),
        _has_profile,
    )
)
