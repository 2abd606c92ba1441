"""How changes of points read in the timeline."""

from portal.members.kinds import register

register(
    "points.earned",
    group="points",
    staff="Orders brought %(points)s points.",
    member="Your orders brought %(points)s points.",
)
register(
    "points.taken_back",
    group="points",
    staff="%(points)s points were taken back after changes to orders.",
    member="%(points)s points were taken back because orders changed.",
)
register(
    "points.matured",
    group="points",
    staff="%(points)s points became spendable.",
    member="%(points)s points are ready to spend.",
)
register(
    "points.redeemed",
    group="points",
    staff="Turned %(points)s points into a voucher over %(worth)s.",
    member="You turned %(points)s points into a voucher over %(worth)s.",
)
register(
    "points.adjusted",
    group="points",
    staff="%(who)s changed the points by %(change)s: %(reason)s",
    member="The shop changed your points by %(change)s: %(reason)s",
)
