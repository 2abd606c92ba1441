"""What people type to change their address, to close their account and to get back in."""

from wtforms import EmailField, RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.mail import is_address
from portal.lib.text import _
from portal.members.models import EmailAddress, fold_email

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
