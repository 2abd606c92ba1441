"""A member's security questions: an extra proof inside a slow recovery, and good for nothing else.

Off unless the shop switches them on, since answers are often known to friends.
"""

import unicodedata
from collections.abc import Sequence

from portal.factors.hashing import hashed
from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.lib.tokens import keyed
from portal.members.letters import tell_change
from portal.members.models import Member, SecurityQuestion
from portal.shop.models import settings

COUNT = 3
#: Facts that stand in no profile and that people remember; nobody's mother has a maiden name here.
LIST = (
    "What did you call the first animal that you looked after?",
    "Which street did your best friend of school live in?",
    "What was the first dish that you learned to cook?",
    "Where did you go the first time you travelled without your family?",
    "What was the name of your favourite teacher?",
    "What did you want to be when you were ten?",
    "What was the first thing that you bought with money of your own?",
    "Which book did you read more than twice as a child?",
    "What was the nickname that only your family used?",
    "Which sport did you give up first?",
    "Where did you see the sea for the first time?",
    "What was the make of the first bicycle that was yours?",
)


class WeakAnswer(Refused):
    """Somebody could guess it from the page alone; the sentence says what to change."""

    status = 422


def are_on() -> bool:
    """Whether the shop lets members have security questions."""
    return settings().security_questions


def of(member: Member) -> list[SecurityQuestion]:
    """The questions of a member, in their order; none while the shop has them off."""
    if not are_on():
        return []
    mine = SecurityQuestion.member == member.id
    return list(SecurityQuestion.select().where(mine).order_by(SecurityQuestion.id))


def decoys(member: Member) -> list[str]:
    """What is asked where a member has no questions: always the same three of the list."""
    return sorted(LIST, key=lambda question: keyed("decoys", f"{member.id} {question}"))[:COUNT]


def plain(answer: str) -> str:
    """An answer as it is compared: letters and digits only; case, blanks and accents aside."""
    apart = unicodedata.normalize("NFKD", answer).casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", apart) if c.isalnum())


def keep(member: Member, chosen: Sequence[tuple[str, str]]) -> None:
    """Set three questions with their answers, in place of earlier ones. Raises WeakAnswer."""
    _judge(chosen)
    rows = [(question, hashed(plain(answer))) for question, answer in chosen]
    with write_tx():
        member.touch()  # holds the member's row: of two settings the later one's three count
        again = _forget(member)
        for question, answer_hash in rows:
            SecurityQuestion.create(member=member.id, question=question, answer_hash=answer_hash)
        member.record("questions.set", again=again)
        shop = settings().name
        tell_change(
            member,
            subject=_("New security questions for your account at %(shop)s", shop=shop),
            sentence=_("Three questions were set. They are asked in a slow recovery, beside all "
                       "else, and open nothing by themselves."),
            advice=_("If it was not you, look at your security page at once."),
        )  # fmt: skip


def remove(member: Member) -> bool:
    """Take the questions away; False when there were none."""
    with write_tx():
        member.touch()
        if not _forget(member):
            return False
        member.record("questions.removed")
        shop = settings().name
        tell_change(
            member,
            subject=_("The security questions of your account at %(shop)s were removed", shop=shop),
            sentence=_("A slow recovery asks for no answers any more."),
            advice=_("If it was not you, look at your security page at once."),
        )
    return True


def _judge(chosen: Sequence[tuple[str, str]]) -> None:
    questions = [plain(question) for question, _answer in chosen]
    answers = [plain(answer) for _question, answer in chosen]
    if len(chosen) != COUNT or len(set(questions)) < COUNT:
        raise WeakAnswer(_("Choose three questions that differ."))
    if len(set(answers)) < COUNT:
        raise WeakAnswer(_("Give each question an answer of its own."))
    for question, answer in zip(questions, answers, strict=True):
        if len(answer.encode()) < 3:
            raise WeakAnswer(_("Write at least three letters or digits as an answer."))
        if answer in question:
            raise WeakAnswer(_("An answer must not stand in its question."))


def _forget(member: Member) -> bool:
    mine = SecurityQuestion.member == member.id
    return bool(SecurityQuestion.delete().where(mine).execute())
