"""What people type to change their address, to close their account and to get back in."""

from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.mail import is_address
from portal.lib.text import _
from portal.members.models import EmailAddress, fold_email
from portal.recovery.questions import LIST

_LACKS = _("Write an e-mail address, such as you@example.com.")


def an_address(_form: Form, field: StringField) -> None:
    """Refuse what is no e-mail address."""
    if not is_address(field.data or ""):
        raise ValidationError(_LACKS)


class NewAddressForm(Form):
    """The new address, and which of several it stands for."""

    own: list[EmailAddress] = []
    old = RadioField(_("Which address goes"), validate_choice=True)
    email = EmailField(
        _("The new address"),
        description=_("We mail it a link. Until you open that, nothing changes."),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_LACKS), an_address],
    )

    def take(self, own: list[EmailAddress]) -> "NewAddressForm":
        """The addresses that the member has now; the form asks only where there are several."""
        self.own = own
        self.old.choices = [(str(email.id), email.address) for email in own]
        if len(own) < 2:
            del self.old
        elif not self.is_submitted():
            self.old.data = str(own[0].id)
        return self

    def chosen(self) -> EmailAddress | None:
        """The address that goes; None where there is none yet."""
        if "old" not in self:
            return self.own[0] if self.own else None
        return next(email for email in self.own if str(email.id) == self.old.data)

    def validate_email(self, field: EmailField) -> None:
        """An address that is theirs needs no change."""
        if fold_email(field.data or "") in {email.folded for email in self.own}:
            raise ValidationError(_("This address opens your account already."))


def _question(label: str) -> SelectField:
    none = SelectChoice("", _("Choose a question"))
    choices = [none, *(SelectChoice(question, _(question)) for question in LIST)]
    return SelectField(label, choices=choices, validate_choice=False)


def _own() -> LineField:
    too_long = Length(max=200, message=_("Use at most 200 characters."))
    return LineField(_("Or a question of your own"), validators=[too_long])


def _answer() -> LineField:
    return LineField(
        _("Its answer"),
        validators=[
            DataRequired(_("Write an answer.")),
            Length(max=200, message=_("Use at most 200 characters.")),
        ],
    )


class QuestionsForm(Form):
    """Three questions, each of the list or one's own, with their answers."""

    question_1 = _question(_("The first question"))
    own_1 = _own()
    answer_1 = _answer()
    question_2 = _question(_("The second question"))
    own_2 = _own()
    answer_2 = _answer()
    question_3 = _question(_("The third question"))
    own_3 = _own()
    answer_3 = _answer()

    def threes(self) -> list[tuple[SelectField, LineField, LineField]]:
        """The fields of each question."""
        fields = list(self)
        return [tuple(fields[at : at + 3]) for at in range(0, len(fields), 3)]  # type: ignore[misc]

    def chosen(self) -> list[tuple[str, str]]:
        """Each question with its answer; an own one goes before one of the list."""
        return [(own.data or listed.data, answer.data) for listed, own, answer in self.threes()]

    def validate(self, extra_validators: object = None) -> bool:
        """Also that each question was chosen or written."""
        fits: bool = super().validate(extra_validators)
        for listed, own, _answered in self.threes():
            if not own.data and listed.data not in LIST:
                listed.errors = [_("Choose a question, or write one.")]
                fits = False
            elif own.data and len(own.data) < 8:
                own.errors = [_("Write a whole question.")]
                fits = False
        return fits


class RecoverForm(Form):
    """An address of the account that is to be got back."""

    email = EmailField(
        _("An e-mail address of your account"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_LACKS), an_address],
    )


class StartRecoveryForm(Form):
    """What an agent says: where the person can be reached, and how they know them."""

    email = EmailField(
        _("Where the person can be reached now"),
        description=_("Their mail, not one of the shop. Once it is all done they sign in with it."),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_LACKS), an_address],
    )
    reason = LineField(
        _("How you know that it is them"),
        validators=[
            DataRequired(_("Write how you know that it is them.")),
            Length(max=200, message=_("Use at most 200 characters.")),
        ],
    )
