"""What people type to join, what they answer then, and what the owner types about both."""

from typing import Any

from wtforms import BooleanField, EmailField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.joining.steps import FIELDS, choices
from portal.lib.forms import Form, LineField
from portal.lib.mail import is_address
from portal.lib.text import _
from portal.members.forms import NameForm, OwnerForm

_long = Length(max=120, message=_("Use at most 120 characters."))
_INTERESTS = 20  # that one member may choose


class JoinForm(OwnerForm):
    """A name and an address, nothing else."""


class JoinByPhoneForm(NameForm):
    """A name and a phone number, nothing else."""

    number = LineField(
        _("Your phone number"),
        [
            DataRequired(_("Write your phone number.")),
            Length(max=40, message=_("That is too long for a phone number.")),
        ],
        description=_("With its country code, such as +32 470 12 34 56."),
    )


class InvitedForm(NameForm):
    """The name of somebody who was invited, where the shop does not know it."""


class AnswerForm(Form):
    """One line."""

    answer = LineField(_("Your answer"), [DataRequired(_("Write it, or skip this.")), _long])


class TypedInterestsForm(Form):
    """Interests in one's own words, where the shop offers none to choose."""

    answer = LineField(
        _("Your interests"),
        [
            DataRequired(_("Write what you like, or skip this.")),
            Length(max=400, message=_("Use at most 400 characters.")),
        ],
        description=_("Several are parted by commas."),
    )

    def validate_answer(self, field: Any) -> None:
        """Each once."""
        words = [word.strip()[:60] for word in (field.data or "").split(",")]
        field.data = list(dict.fromkeys(word for word in words if word))[:_INTERESTS]
        if not field.data:
            raise ValidationError(_("Write what you like, or skip this."))


class InterestsForm(Form):
    """Interests of the shop's list."""

    answer = SelectMultipleField(
        _("Your interests"), [DataRequired(_("Choose what you like, or skip this."))]
    )


def step_form(step: str, answer: Any = None) -> Form:
    """The form of a step: filled with an answer, or with what was sent where there is none."""
    if step == "interests" and choices():
        form: Any = InterestsForm() if answer is None else InterestsForm(None)
        form.answer.choices = [(word, word) for word in choices()]
    elif step == "interests":
        answer = ", ".join(answer) if answer else answer
        form = TypedInterestsForm() if answer is None else TypedInterestsForm(None)
    else:
        form = AnswerForm() if answer is None else AnswerForm(None)
    if answer is not None:
        form.answer.data = answer
    return form  # type: ignore[no-any-return]


class InviteForm(Form):
    """Somebody to be invited, with a few words if the owner likes."""

    email = EmailField(
        _("E-mail address"), filters=[lambda typed: (typed or "").strip()], validators=[]
    )
    text = TextAreaField(
        _("A few words"),
        [Length(max=1000, message=_("Use at most 1,000 characters."))],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\0", "").strip()],
    )

    def validate_email(self, field: EmailField) -> None:
        """One plain address."""
        if not is_address(field.data or ""):
            raise ValidationError(_("Write an e-mail address, such as you@example.com."))


class LetterForm(Form):
    """A letter to one person."""

    text = TextAreaField(
        _("Your letter"),
        [
            DataRequired(_("Write the letter first.")),
            Length(max=2000, message=_("Use at most 2,000 characters.")),
        ],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\0", "").strip()],
    )


class JoiningForm(Form):
    """Who may join, and what they are asked then."""

    sign_up = BooleanField(
        _("Anybody may join"),
        description=_("Otherwise only those whom you invite, or who bought here."),
    )
    claim_by_email = BooleanField(
        _("The address of an order is enough"),
        description=_("Who proves it sees those orders. Otherwise you invite them one by one."),
    )
    join_steps = SelectMultipleField(_("What new members are asked"), validate_choice=False)
    interests = LineField(
        _("Interests to choose from"),
        [Length(max=1000, message=_("Use at most 1,000 characters."))],
        description=_("Parted by commas. Empty: people write their own."),
    )

    def values(self) -> dict[str, object]:
        """The settings as they are stored."""
        steps = [name for name in FIELDS if name in (self.join_steps.data or [])]
        return {
            "sign_up": self.sign_up.data,
            "claim_by_email": self.claim_by_email.data,
            "join_steps": ",".join(steps),
            "interests": self.interests.data or "",
        }
