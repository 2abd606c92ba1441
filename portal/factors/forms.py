"""What people type about passwords and second factors."""

from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from portal.lib.forms import Form, LineField
from portal.lib.text import _

_LONG = 1024  # characters; far beyond any password, refused before anything is computed


class DoorForm(Form):
    """The address and the password of who wants to come in."""

    email = EmailField(
        _("Your e-mail"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            DataRequired(_("Write your e-mail address.")),
            Regexp(r"[^\0]{1,320}\Z", message=_("Write your e-mail address.")),
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


class ProofForm(Form):
    """What is typed as a second step: digits, a code, a password."""

    code = StringField(
        _("The code"),
        validators=[
            DataRequired(_("Type it first.")),
            Length(max=_LONG, message=_("It is not that long.")),
        ],
    )


class AppForm(Form):
    """The first code of an authenticator app, and what the app is called."""

    code = LineField(
        _("The six digits that it shows"),
        validators=[
            DataRequired(_("Type the six digits that the app shows.")),
            Length(max=40, message=_("Type the six digits that the app shows.")),
        ],
    )
    label = LineField(
        _("What do you call it?"),
        validators=[Length(max=80, message=_("Use at most 80 characters."))],
        description=_("Such as “my phone”."),
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
    phone_sign_in = BooleanField(
        _("Join and sign in with a phone number"),
        description=_(
            "You pay for each code, at most 300 a day, and a text message is the weakest way in: "
            "who takes over a number takes the account. Nothing is offered until SMS_URL names a "
            "gateway. Staff never come in this way."
        ),
    )
    security_questions = BooleanField(
        _("Security questions"),
        description=_(
            "An extra proof inside the slow recovery, for members who choose some. Be warned: "
            "friends often know the answers, and with this switched on the shop no longer meets "
            "the security standard ASVS (6.4.2). They never open an account by themselves."
        ),
    )
