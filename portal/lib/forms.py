"""Forms check the shape of what was typed and speak to people; they never save."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError


class Form(FlaskForm):
    """The base of every form; the CSRF token is checked once for the whole app, not here."""

    class Meta(FlaskForm.Meta):
        csrf = False


class LineField(StringField):
    """One line of text: outer blanks go, inner runs become one, control characters are refused."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed."""
        text = " ".join(valuelist[0].split()) if valuelist else ""
        self.data = text

    def pre_validate(self, form: Form) -> None:
        """Refuse what nobody types on purpose."""
        if any(ord(c) < 32 or ord(c) == 127 for c in self.data or ""):
            raise ValidationError("Please take out the invisible characters.")


def whole_number(text: str | None) -> int | None:
    """A number of the address in plain digits; None for anything else, or more than a row's id."""
    plain = text and len(text) <= 18 and text.isascii() and text.isdigit()
    return int(text) if text and plain else None
