"""The optional steps after joining: what the shop would like to know, each to be skipped."""

from typing import Any

from portal.joining.models import Step
from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.members import standing
from portal.members.models import Member
from portal.profiles.models import Profile
from portal.shop.models import settings

#: The steps that a shop can switch on, in their order, and where each answer stands.
FIELDS = {
    "company": "company",
    "location": "location",
    "industry": "industry",
    "role": "job",
    "interests": "interests",
}
DONE, SKIPPED = "done", "skipped"


def wanted() -> list[str]:
    """The steps that the shop has switched on, in their order."""
    chosen = settings().join_steps.split(",")
    return [name for name in FIELDS if name in chosen]


def choices() -> list[str]:
    """The interests that the shop lets people choose from."""
    return [word.strip() for word in settings().interests.split(",") if word.strip()]


def states(member: Member) -> dict[str, str]:
    """The steps that a member did or skipped."""
    rows: Any = Step.select(Step.name, Step.state).where(Step.member == member.id).tuples()
    return {name: state for name, state in rows if name in FIELDS}


def next_step(member: Member) -> str:
    """The first step that is neither done nor skipped, or nothing."""
    known = states(member)
    return next((name for name in wanted() if name not in known), "")


def answers(member: Member) -> dict[str, Any]:
    """What a member answered so far, by the name of the step."""
    profile = Profile.get_or_none(Profile.member == member.id)
    return {name: getattr(profile, field, "") or "" for name, field in FIELDS.items()}


def answer(member: Member, step: str, value: str | list[str]) -> None:
    """Keep an answer; the step is done. Raises NotNow where the profile may not be changed."""
    standing.ensure(member, "profile")
    with write_tx():
        member.touch()
        profile, field = Profile.of(member), FIELDS[step]
        if getattr(profile, field) != value:
            Profile.update(**{field: value}).where(Profile.id == profile.id).execute()
            member.record("profile.changed")
        settle(member, step, DONE)


def skip(member: Member, step: str) -> None:
    """Leave a step out; an answer that was given before stays."""
    with write_tx():
        member.touch()
        if states(member).get(step) != DONE:
            settle(member, step, SKIPPED)


def settle(member: Member, name: str, state: str) -> None:
    """Note that something of getting started is done or put away, in the caller's transaction."""
    values: dict[Any, Any] = {Step.state: state, Step.at: now()}
    Step.insert({Step.member: member.id, Step.name: name, **values}).on_conflict(
        conflict_target=[Step.member, Step.name], update=values
    ).execute()
