"""What people type to find an order, and to show that it is theirs."""

from wtforms import EmailField
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.mail import is_address
from portal.lib.text import _

_lacks_number = _("Write the number of the order, such as 1048.")
_lacks_address = _("Write the e-mail address that you ordered with.")


def number_field(id_: str) -> LineField:
    """The number of an order."""
    return LineField(
        _("Number of the order"),
        [
            DataRequired(_lacks_number),
            Length(max=60, message=_("That is longer than any number of an order.")),
        ],
        id=id_,
        description=_("It stands in the confirmation and on the delivery note."),
    )


def _an_address(_form: Form, field: EmailField) -> None:
    if not is_address(field.data or ""):
        raise ValidationError(_lacks_address)


class LinkForm(Form):
    """The order and the address that it was placed with."""

    number = number_field("number")
    email = EmailField(
        _("E-mail of the order"),
        filters=[lambda typed: (typed or "").strip()],
        validators=[DataRequired(_lacks_address), _an_address],
    )


class FactsForm(Form):
    """Three facts that are on the papers of an order."""

    number = number_field("fact-number")
    postcode = LineField(
        _("Postcode"),
        [
            DataRequired(_("Write the postcode that the order went to.")),
            Length(max=20, message=_("That is longer than any postcode.")),
        ],
    )
    total = LineField(
        _("Total"),
        [
            DataRequired(_("Write what the order came to, such as 87.40.")),
            Length(max=30, message=_("Write the amount alone, such as 87.40.")),
        ],
    )


class ClaimForm(Form):
    """An order that is missing: how it was placed, its number, and one fact of it."""

    contact = LineField(
        _("E-mail or phone that you ordered with"),
        [Length(max=320, message=_("That is longer than any address."))],
        description=_("Empty where you gave none, as at the counter. We send a code to check it."),
    )
    number = number_field("number")
    postcode = LineField(
        _("Postcode"), [Length(max=20, message=_("That is longer than any postcode."))]
    )
    total = LineField(
        _("Total"), [Length(max=30, message=_("Write the amount alone, such as 87.40."))]
    )

    def validate_total(self, field: LineField) -> None:
        """One of the two facts at least."""
        if not field.data and not self.postcode.data:
            raise ValidationError(_("Write the postcode that it went to, or what it came to."))
