"""What people type about passwords and second factors."""

from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import DataRequired, Length

from portal.lib.forms import Form
from portal.lib.text import _

_LONG = 1024  # characters; far beyond any password, refused before anything is computed


class DoorForm(Form):
    """The address and the password of who wants to come in."""

    email = EmailField(
        _("Your e-mail"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            DataRequired(_("Write your e-mail address.")),
            Length(max=320, message=_("Write your e-mail address.")),
        ],
    )
    password = PasswordField(
        _("Your password"),
        validators=[
            DataRequired(_("Type your password.")),
            Length(max=_LONG, message=_("No password here is that long.")),
        ],
    )


class PasswordForm(Form):
    """A new password, and the present one where the last proof is old."""

    current = PasswordField(
        _("Your password now"),
        validators=[Length(max=_LONG, message=_("No password here is that long."))],
    )
    password = PasswordField(
        _("The new one"),
        validators=[
            DataRequired(_("Type the new password.")),
            Length(max=_LONG, message=_("Use at most %(count)s characters.", count=256)),
        ],
        description=_("At least 10 characters. Any will do: words, blanks, signs."),
    )


class SignInSettingsForm(Form):
    """Which ways in the shop offers."""

    passwords = BooleanField(
        _("Passwords"),
        description=_(
            "Members may set one beside passkey and mailed code. Switched off, no password opens "
            "anything; switched on again, the old ones work again."
        ),
    )
    password_reminder = BooleanField(
        _("Say once a year how old a password is"),
        description=_("One mail. Nobody has to change anything."),
    )
