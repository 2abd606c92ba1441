"""How many points to redeem: checked against the shop's steps and the member's balance."""

import re

from wtforms import HiddenField
from wtforms.validators import ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.text import _
from portal.loyalty import rules

_NUMBER = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2}")


class RedeemForm(Form):
    """A number of points, and the key that makes a double click one voucher."""

    points = LineField(_("Another number of points"), id="redeem-points")
    key = HiddenField()

    #: What the member can spend; set by the view.
    balance = 0
    wanted = 0

    def validate_points(self, field: LineField) -> None:
        """A whole number in the shop's steps that the balance covers."""
        typed, step = field.data or "", rules.step()
        if not _NUMBER.fullmatch(typed):
            raise ValidationError(_("Write a whole number of points, such as %(step)s.", step=step))
        self.wanted = int(typed.replace(",", ""))
        if self.wanted > self.balance:
            most = self.balance // step * step
            if not most:
                raise ValidationError(
                    _("A voucher takes at least %(step)s points.", step=f"{step:,}")
                )
            raise ValidationError(_("At most %(most)s points can go now.", most=f"{most:,}"))
        if not self.wanted or self.wanted % step:
            raise ValidationError(
                _("Choose a multiple of %(step)s, so that the voucher is over whole amounts.",
                  step=f"{step:,}")
            )  # fmt: skip
