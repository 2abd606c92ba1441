"""What agents and owners type: notes, points, tracking numbers, colleagues, reasons."""

import re

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.text import _
from portal.lib.tokens import new_token
from portal.members.models import Member


class NoteForm(Form):
    """A note on a member."""

    body = TextAreaField(
        _("Note"),
        [
            DataRequired(_("Write the note first.")),
            Length(max=2000, message=_("Use at most 2,000 characters.")),
        ],
        filters=[lambda text: (text or "").replace("\r\n", "\n").replace("\0", "").strip()],
        description=_("Only the shop’s staff read it; the member never does."),
    )


class PointsForm(Form):
    """Points given or taken, with the reason that the member reads."""

    points = StringField(
        _("Points"),
        description=_("To give, such as 100; with a minus to take, such as -100."),
    )
    reason = LineField(
        _("Reason"),
        [
            DataRequired(_("Write the reason; the member reads it.")),
            Length(max=200, message=_("Use at most 200 characters.")),
        ],
        description=_("The member reads it."),
    )
    key = HiddenField(default=new_token)  # so that a double click counts once

    def validate_points(self, field: StringField) -> None:
        """A whole number with or without a sign, in plain digits."""
        typed = (field.data or "").strip().replace("−", "-")
        if not re.fullmatch(r"[+-]?[0-9]{1,7}", typed) or not int(typed):
            raise ValidationError(_("Write a whole number of points, such as 100 or -100."))
        field.data = typed


class TrackingForm(Form):
    """The number of a parcel."""

    number = LineField(
        _("Tracking number"),
        [
            DataRequired(_("Write the tracking number.")),
            Length(max=80, message=_("Use at most 80 characters.")),
        ],
        description=_("The member sees it at once, with a link to the carrier where we know it."),
    )


class PersonForm(Form):
    """Somebody new on the staff."""

    email = LineField(
        _("E-mail address"),
        [
            DataRequired(_("Write the e-mail address.")),
            Length(max=320, message=_("That address is too long.")),
        ],
    )
    role = RadioField(
        _("Role"),
        choices=[SelectChoice("agent", _("Agent")), SelectChoice("owner", _("Owner"))],
        default="agent",
        validate_choice=False,
    )

    def validate_role(self, field: RadioField) -> None:
        """One of the two."""
        if field.data not in ("agent", "owner"):
            raise ValidationError(_("Choose agent or owner."))


class OtherForm(Form):
    """The number of somebody who may be the same person; sent with GET."""

    other = LineField(
        _("Their other member number"),
        [
            DataRequired(_("Write the other number, such as K7QM-4TX2-Q.")),
            Length(max=20, message=_("A member number has nine letters and digits.")),
        ],
        description=_("You see both side by side before anything happens."),
    )

    #: The person whose page this is; set by the view. `found` is the other's number.
    member: Member
    found = ""

    def validate_other(self, field: LineField) -> None:
        """Somebody who can be compared with the member."""
        other = Member.by_number(field.data or "")
        if other is None or other.is_staff:
            raise ValidationError(_("No member has that number. Copy it from their page."))
        if other.id == self.member.id:
            raise ValidationError(_("That number is this same person already."))
        self.found = other.number


class MergeForm(Form):
    """Whom to keep, and why they are one."""

    keep = RadioField(_("Which number goes on"), validate_choice=False)
    reason = LineField(
        _("How do you know?"),
        [
            DataRequired(_("Write how you know; your colleagues read it.")),
            Length(max=300, message=_("Use at most 300 characters.")),
        ],
        description=_("For your colleagues; the member does not read it."),
    )

    def validate_keep(self, field: RadioField) -> None:
        """One of those that may be kept."""
        if field.data not in [value for value, *_rest in field.choices or []]:
            raise ValidationError(_("Choose which of the two numbers goes on."))


class SplitForm(Form):
    """Who gets what is parted off, and why."""

    name = LineField(
        _("Name of the other person"),
        [Length(max=200, message=_("Use at most 200 characters."))],
    )
    reason = LineField(
        _("How do you know?"),
        [
            DataRequired(_("Write how you know; your colleagues read it.")),
            Length(max=300, message=_("Use at most 300 characters.")),
        ],
        description=_("For your colleagues; the member does not read it."),
    )
