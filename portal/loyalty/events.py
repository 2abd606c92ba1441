"""How points that a person moved read in the timeline; the ledger tells the rest itself."""

from portal.members.kinds import register

register(
    "points.redeemed",
    group="points",
    staff="Turned %(points)s points into a voucher over %(worth)s.",
    member="You turned %(points)s points into a voucher over %(worth)s.",
    own=True,
)
register(
    "points.adjusted",
    group="points",
    staff="%(who)s changed the points by %(change)s: %(reason)s",
    member="The shop changed your points by %(change)s: %(reason)s",
)
