"""What a change of address tells the new address, the old one and every other of the account.

Each function writes into the outbox in the caller's transaction.
"""

from datetime import timedelta

from portal.lib.text import _
from portal.lib.tokens import keyed
from portal.members.models import AddressChange, EmailAddress
from portal.recovery.letters import addresses, send_link, tell
from portal.recovery.masks import masked
from portal.shop.models import settings

LIVES = timedelta(hours=1)  # of the link that proves the new address


def mail_new(change: AddressChange, token: str) -> None:
    """A link that proves it, or that somebody else has it; both mails take the same work."""
    shop = settings().name
    taken = EmailAddress.find(change.new)
    if taken and taken.member_id != change.member_id:
        send_link(
            None,
            change.new,
            subject=_("Your address is in use at %(shop)s", shop=shop),
            sentences=[
                _("Somebody wanted to sign in to another account with this address."),
                _("An account has it already, so nothing was changed. If it was you, sign in."),
            ],
            path="",
            secret=token,
            after=[_("If it was not you, there is nothing to do.")],
            why=_("Somebody typed this address into their account at %(shop)s.", shop=shop),
            lives=LIVES,
        )
        return
    send_link(
        None,
        change.new,
        subject=_("Prove your new address at %(shop)s", shop=shop),
        sentences=[_("With this link you sign in to your account with this address from now on.")],
        path="/email/prove/",
        button=_("Use this address"),
        secret=token,
        after=[_("It works once, for an hour. If you did not ask for it, leave it alone.")],
        why=_("Somebody typed this address into their account at %(shop)s.", shop=shop),
        lives=LIVES,
    )


def mail_old(change: AddressChange) -> None:
    """The old address hears of it before, and can stop it."""
    send_link(
        change.member,
        change.old,
        subject=_("Your address at %(shop)s is about to change", shop=settings().name),
        sentences=[
            _(
                "Somebody who is signed in to your account asked to use %(new)s instead of this "
                "address. It changes once the new one is proved.",
                new=masked(change.new),
            )
        ],
        path="/email/back/",
        button=_("Stop it"),
        secret=back_token(change.new_hash),
        after=[_("If it was you, there is nothing to do.")],
    )


def tell_changed(change: AddressChange) -> None:
    """The old address can take it back; every address of the account hears of it."""
    shop = settings().name
    if change.old:
        send_link(
            change.member,
            change.old,
            subject=_("Your address at %(shop)s was changed", shop=shop),
            sentences=[
                _("Your account opens with %(new)s now, and no more with this address.",
                  new=masked(change.new)),
                _("For seven days you can take it back from here, without a sign-in."),
            ],
            path="/email/back/",
            button=_("Take it back"),
            secret=back_token(change.new_hash),
            after=[_("If it was you, there is nothing to do.")],
        )  # fmt: skip
    for address in addresses(change.member):
        tell(
            change.member,
            address,
            subject=_("A new address opens your account at %(shop)s", shop=shop),
            sentences=[_("You sign in with %(new)s from now on.", new=masked(change.new))],
        )


def tell_back(change: AddressChange) -> None:
    """It was stopped or taken back: the new address hears of it where it was proved."""
    shop = settings().name
    for address in {change.new, *addresses(change.member)} if change.proved_at else {change.old}:
        tell(
            change.member,
            address,
            subject=_("The change of your address at %(shop)s was taken back", shop=shop),
            sentences=[
                _("Your account opens with %(old)s, as before.", old=masked(change.old)),
                _("Every session has ended. Sign in again, and look at your security page."),
            ],
        )


def back_token(new_hash: str) -> str:
    """The way back stands in two mails; it is made anew from the row and the shop's key."""
    return keyed("address-back", new_hash)
