"""What people type to sign in, to set up their account and to name a passkey."""

from wtforms import EmailField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.mail import is_address
from portal.lib.text import _

_lacks_address = _("Write an e-mail address, such as you@example.com.")


def _an_address(_form: Form, field: EmailField) -> None:
    if not is_address(field.data or ""):
        raise ValidationError(_lacks_address)


class AddressForm(Form):
    """The address that a sign-in code goes to."""

    email = EmailField(
        _("Or by e-mail"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_lacks_address), _an_address],
    )


class CodeForm(Form):
    """The six characters from the mail."""

    code = LineField(
        _("The code"),
        validators=[
            DataRequired(_("Type the six characters from the mail.")),
            Length(max=40, message=_("Type the six characters from the mail.")),
        ],
    )


class TextedCodeForm(Form):
    """The six characters from the text message."""

    code = LineField(
        _("The code"),
        validators=[
            DataRequired(_("Type the six characters from the message.")),
            Length(max=40, message=_("Type the six characters from the message.")),
        ],
    )


class PhoneForm(Form):
    """A phone number."""

    number = LineField(
        _("Your phone number"),
        validators=[
            DataRequired(_("Write your phone number.")),
            Length(max=40, message=_("That is too long for a phone number.")),
        ],
        description=_("With its country code, such as +32 470 12 34 56."),
    )


class NameForm(Form):
    """What somebody on the staff is called."""

    name = LineField(
        _("Your name"),
        validators=[
            DataRequired(_("Write your name.")),
            Length(max=200, message=_("Use at most 200 characters.")),
        ],
    )


class OwnerForm(NameForm):
    """The first owner's name and address."""

    email = EmailField(
        _("Your e-mail"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_lacks_address), _an_address],
    )


class LabelForm(Form):
    """A passkey's name."""

    label = LineField(
        _("Name"),
        validators=[
            DataRequired(_("Give the passkey a name.")),
            Length(max=80, message=_("Use at most 80 characters.")),
        ],
    )


class BrowserForm(Form):
    """What a member calls a device; nothing gives it back its own name."""

    name = LineField(
        _("What you call this device"),
        validators=[Length(max=80, message=_("Use at most 80 characters."))],
    )
