"""How joining, invitations and letters about them read in the timeline."""

from portal.members.kinds import register

register(
    "joining.joined",
    group="account",
    staff="Joined with %(subject)s.",
    member="You joined with %(subject)s.",
    own=True,
)
register(
    "joining.joined_phone",
    group="account",
    staff="Joined with the phone number %(subject)s.",
    member="You joined with your phone number %(subject)s.",
    own=True,
)
register(
    "joining.found",
    group="account",
    staff="Proved the address %(subject)s that the shop knew, and joined.",
    member="You joined with %(subject)s, and found what the shop knew of you already.",
    own=True,
)
register(
    "joining.asked",
    group="sign-ins",
    staff="Somebody typed this address to join; a code to sign in was mailed.",
    member="Somebody typed your address to join. We mailed you a code to sign in instead.",
    own=True,
)
register(  # the member reads of the mail itself
    "joining.invited", group="mails", staff="%(who)s invited %(subject)s to join.", member=None
)
register("joining.written", group="mails", staff="%(who)s wrote to them: “%(text)s”", member=None)
