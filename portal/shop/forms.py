"""The form of the shop's settings: every wrong value is refused with one sentence."""

import re
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, FileField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, StopValidation, ValidationError

from portal.lib.dates import day_of
from portal.lib.forms import Form, LineField
from portal.lib.money import NotMoney, currencies, decimal_text, parse_money
from portal.lib.text import _
from portal.shop.logo import NotALogo, encode_logo
from portal.shop.models import Settings

EARLIEST = date(1990, 1, 1)


def is_product_link(pattern: str) -> bool:
    """Whether a pattern makes a web address once a SKU stands in the place of {sku}."""
    sample = pattern.replace("{sku}", "sku", 1)
    try:
        url = urlsplit(sample)
        host = url.hostname
    except ValueError:
        return False
    plain = sample.isprintable() and not set(sample) & set(' {}<>"\\')
    # In the host's place a product's SKU would choose whose page it is.
    fixed = "{sku}" not in pattern.partition("://")[2].partition("/")[0]
    return sample != pattern and fixed and url.scheme in ("http", "https") and bool(host) and plain


class WholeNumber(IntegerField):
    """A whole number that says in our words when it is none."""

    def __init__(self, *args: object, sentence: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.sentence = sentence

    def process_formdata(self, valuelist: list[str]) -> None:
        """Plain digits only: no underscores, signs or digits of other scripts."""
        typed = valuelist[0].strip() if valuelist else ""
        if not re.fullmatch(r"[0-9]{1,9}", typed):
            raise ValueError(self.sentence)
        self.data = int(typed)

    def pre_validate(self, form: object) -> None:
        """One sentence is enough for what is no number."""
        if self.process_errors:
            raise StopValidation()


class SettingsForm(Form):
    """What the owner can set."""

    name = LineField(
        _("Name of the shop"),
        [
            DataRequired(_("Write the name of the shop.")),
            Length(max=80, message=_("Use at most 80 characters for the name.")),
        ],
    )
    logo = FileField(
        _("Logo"), description=_("PNG, JPEG, WebP or GIF. Without one the name stands alone.")
    )
    no_logo = BooleanField(_("Take the logo away"))
    accent = LineField(
        _("Accent colour"),
        description=_("The one colour of every page; lightness follows day and night by itself."),
    )
    contact = LineField(
        _("Contact address"), description=_("Where members write to. Shown on their pages.")
    )
    timezone = LineField(
        _("Time zone"), description=_("All times are shown in it, such as Europe/Brussels.")
    )
    currency = LineField(
        _("Currency"), description=_("Three letters, such as EUR. Orders keep their own.")
    )
    return_days = WholeNumber(
        _("Days to return something"),
        [NumberRange(0, 365, _("Choose between 0 and 365 days."))],
        sentence=_("Write the days as a whole number, such as 14."),
        description=_("Points wait until this time is over."),
    )
    points_per_unit = WholeNumber(
        _("Points for one whole unit spent"),
        [NumberRange(0, 1000, _("Choose between 0 and 1,000 points."))],
        sentence=_("Write the points as a whole number, such as 1."),
        description=_("0 means that the shop has no points."),
    )
    point_worth = StringField(
        _("What one point is worth"), description=_("In the shop's currency, such as 0.01.")
    )
    points_since = LineField(
        _("Points are earned since"),
        description=_("Orders before that day earn nothing. Empty: all do."),
    )
    product_link = LineField(
        _("Link to a product"),
        [Length(max=500, message=_("Use at most 500 characters for the link."))],
        description=_("{sku} stands for the product, as in https://shop.example/products/{sku}."),
    )

    card_code = RadioField(
        _("Code on the member card"),
        choices=[
            SelectChoice("qr", _("Squares (QR)")),
            SelectChoice("code128", _("Bars (Code 128)")),
        ],
        validate_choice=False,
        description=_("Squares read best from a phone; bars suit a scanner that reads only them."),
    )

    webp: bytes | None = None

    @classmethod
    def of(cls, stored: Settings) -> "SettingsForm":
        """The form filled with what is stored."""
        form = cls(formdata=None, obj=stored)
        form.point_worth.data = decimal_text(stored.point_worth, stored.currency)
        return form

    def values(self) -> dict[str, object]:
        """The settings as they are stored, once the form is valid."""
        plain = (
            "name", "accent", "contact", "timezone", "currency", "return_days",
            "points_per_unit", "points_since", "product_link", "card_code",
        )  # fmt: skip
        return {name: self[name].data for name in plain} | {
            "point_worth": parse_money(self.point_worth.data or "", str(self.currency.data))
        }

    def validate_accent(self, field: LineField) -> None:
        """A colour as browsers send it."""
        field.data = (field.data or "").lower()
        if not re.fullmatch(r"#[0-9a-f]{6}", field.data):
            raise ValidationError(_("Write the colour as # and six digits, such as #1f7a4d."))

    def validate_contact(self, field: LineField) -> None:
        """An address that a mail can be sent to."""
        if not field.data:
            return
        try:
            validate_email(field.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(
                _("That is no e-mail address; write one such as hello@shop.example.")
            ) from None

    def validate_timezone(self, field: LineField) -> None:
        """A name that the time zone database knows."""
        if field.data not in available_timezones():
            raise ValidationError(_("Choose a time zone of the list, such as Europe/Brussels."))

    def validate_currency(self, field: LineField) -> None:
        """A code that the world knows."""
        field.data = (field.data or "").upper()
        if field.data not in currencies():
            raise ValidationError(_("That is no currency; write three letters such as EUR."))

    def validate_point_worth(self, field: StringField) -> None:
        """An amount of the currency, at least its smallest coin."""
        currency = str(self.currency.data or "").upper()
        if currency not in currencies():
            return  # the currency has its own sentence
        smallest = decimal_text(1, currency)
        try:
            worth = parse_money(field.data or "", currency)
        except NotMoney:
            worth = 0
        if not 1 <= worth <= 1_000_000:
            raise ValidationError(
                _("Write an amount of at least %(least)s, such as %(least)s.", least=smallest)
            )

    def validate_points_since(self, field: LineField) -> None:
        """A day, or nothing."""
        if not field.data:
            return
        found = day_of(field.data)
        if found is None or found < EARLIEST or len(field.data) != 10:
            raise ValidationError(_("Write the day as year, month and day, such as 2026-01-31."))

    def validate_product_link(self, field: LineField) -> None:
        """A web address with one place for the product."""
        if not field.data:
            return
        if not is_product_link(field.data):
            raise ValidationError(
                _(
                    "Write a web address with {sku} in it, such as https://shop.example/products/{sku}."
                )
            )

    def validate_card_code(self, field: RadioField) -> None:
        """One of the two."""
        if field.data not in ("qr", "code128"):
            raise ValidationError(_("Choose squares or bars for the card."))

    def validate_logo(self, field: FileField) -> None:
        """A picture that can be drawn anew."""
        upload = field.data
        if not upload or not getattr(upload, "filename", ""):
            return
        try:
            self.webp = encode_logo(upload.stream)
        except NotALogo as problem:
            raise StopValidation(str(problem)) from None
