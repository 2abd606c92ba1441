"""What staff type to warn, restrict or suspend an account, and to lift that again."""

from datetime import date, datetime, time, timedelta

from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.clock import now
from portal.lib.dates import day_of, local, to_utc
from portal.lib.forms import Form, LineField
from portal.lib.text import _
from portal.members.standing import DEEDS
from portal.risk.deciding import Decision

SPANS = {"7": _("In 7 days"), "30": _("In 30 days"), "day": _("On a day that I choose"),
         "none": _("When somebody lifts it")}  # fmt: skip
LONGEST = timedelta(days=5 * 366)


class DecisionForm(Form):
    """A text to the member, a reason for staff, and the end."""

    act = "warn"
    text = TextAreaField(
        _("What the member reads"),
        [
            DataRequired(_("Write what the member is to know.")),
            Length(max=1000, message=_("Use at most 1,000 characters.")),
        ],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\0", "").strip()],
        description=_("It is mailed, and stands in their account while it holds."),
    )
    why = LineField(
        _("Why, for your colleagues"),
        [
            DataRequired(_("Write why; your colleagues read it.")),
            Length(max=300, message=_("Use at most 300 characters.")),
        ],
        description=_("The member does not read it."),
    )
    ends = RadioField(
        _("It ends"),
        choices=[SelectChoice(*pair) for pair in SPANS.items()],
        default="7",
        validate_choice=False,
    )
    day = StringField(_("The last day of it"), description=_("Only where you choose the day."))
    seen = HiddenField()

    def validate_ends(self, field: RadioField) -> None:
        """One of the four."""
        if field.data not in SPANS:
            raise ValidationError(_("Choose when it ends."))

    def validate_day(self, field: StringField) -> None:
        """A day to come, where one is to be chosen."""
        if self.ends.data != "day":
            return
        chosen = day_of((field.data or "").strip())
        if chosen is None:
            raise ValidationError(_("Choose the day on which it ends."))
        if not _today() <= chosen <= _today() + LONGEST:
            raise ValidationError(_("Choose a day from today on, within five years."))

    def decision(self) -> Decision:
        """What was typed, once it is valid."""
        return Decision(self.act, self.text.data, self.why.data, self._end(), self.chosen())

    def chosen(self) -> tuple[str, ...]:
        """The deeds that are switched off; only a restriction names some."""
        return ()

    def _end(self) -> datetime | None:
        """The last second of the last day in the shop's zone; None without an end."""
        if self.ends.data == "none":
            return None
        if self.ends.data == "day":
            last = day_of(self.day.data.strip())
        else:
            last = _today() + timedelta(days=int(self.ends.data))
        return to_utc(datetime.combine(last or _today(), time(23, 59, 59)))


class RestrictForm(DecisionForm):
    """The same, and what exactly does not work."""

    act = "restrict"
    what = SelectMultipleField(
        _("What they can’t do"),
        choices=[SelectChoice(*pair) for pair in DEEDS.items()],
        validate_choice=False,
    )

    def validate_what(self, field: SelectMultipleField) -> None:
        """At least one of those that there are."""
        if not field.data:
            raise ValidationError(_("Choose at least one thing, or warn them instead."))
        if set(field.data) - set(DEEDS):
            raise ValidationError(_("Choose from the list."))

    def chosen(self) -> tuple[str, ...]:
        """In the order in which they are declared, so that the same form says the same."""
        return tuple(deed for deed in DEEDS if deed in self.what.data)


class SuspendForm(DecisionForm):
    """The same for the whole account."""

    act = "suspend"


class LiftForm(Form):
    """A word on why it is lifted."""

    why = LineField(
        _("Why, in a word"),
        [
            DataRequired(_("Write why; your colleagues read it.")),
            Length(max=300, message=_("Use at most 300 characters.")),
        ],
        description=_("For your colleagues. The member is told that it is lifted, not why."),
    )


FORMS: dict[str, type[DecisionForm]] = {
    form.act: form for form in (DecisionForm, RestrictForm, SuspendForm)
}


def _today() -> date:
    """The day at the shop."""
    return local(now()).date()
