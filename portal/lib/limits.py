"""How often what may be asked: one table, with what a person is told who asks too often."""

from dataclasses import dataclass

# What a limit counts by.
CLIENT = "client"  # the network address
MEMBER = "member"
ADDRESS = "address"  # the e-mail address that was typed, known or not
PAIR = "address and client"  # so that a stranger uses up no member's share
NUMBER = "number"  # of a phone
ORDER = "order"  # the number that was typed
SHOP = "shop"  # everybody together
NEVER = 10**9  # times of a row that refuses nobody and only asks for the small step


@dataclass(frozen=True)
class Limit:
    """`times` in `seconds` for each of what it counts by (`per`).

    `what` is counted, for the owner; `told` is for the person: what happened, when to try again
    (`%(wait)s`: "in 12 minutes"), what else to do. From `step` uses on a public form asks for the
    small step against bots (portal/members/views/bots.py); 0: never.
    """

    times: int
    seconds: int
    per: str = CLIENT
    what: str = ""
    told: str = ""
    step: int = 0


_HERE = "That was tried too often from your network. Try again %(wait)s. "
_PASSKEY = "A passkey works at any time."
_LINK = (
    "Too many links were opened from your network. Open this one again %(wait)s; it is not used up."
)
_MAILS = "Many mails went to this address already. Look at the newest one, or ask again %(wait)s. "
_TEXTS = "Several text messages went out already. Look at the newest one, or ask again %(wait)s."

LIMITS = {
    # Coming in
    "code.ask.client": Limit(
        20, 900, CLIENT, "Codes by mail asked for",
        "Many codes were asked for from your network. Ask again %(wait)s. " + _PASSKEY,
        step=10,
    ),
    "code.ask.pair": Limit(
        5, 900, PAIR, "Codes mailed to one address, asked from one place", _MAILS + _PASSKEY
    ),
    "code.ask.address": Limit(
        40, 3600, ADDRESS, "Codes mailed to one address", _MAILS + _PASSKEY
    ),
    "code.ask.all": Limit(NEVER, 900, SHOP, "Codes by mail asked for", step=120),
    "code.try.client": Limit(
        40, 900, CLIENT, "Codes typed",
        "Many codes were typed from your network. Type yours %(wait)s, or ask for a new one then. "
        + _PASSKEY,
    ),
    "passkey.try.client": Limit(
        300, 900, CLIENT, "Passkeys tried",
        _HERE + "Another network, such as that of your phone, works at once.",
    ),
    "link.try.client": Limit(30, 900, CLIENT, "Links from mails opened", _LINK),
    "provider.begin.client": Limit(
        40, 900, CLIENT, "Sign-ins with another service begun",
        _HERE + "A passkey or a mailed code works now.",
    ),
    "provider.back.client": Limit(
        60, 900, CLIENT, "Answers of other services",
        _HERE + "A passkey or a mailed code works now.",
    ),
    "password.try.client": Limit(
        40, 900, CLIENT, "Passwords typed", _HERE + "A passkey or a mailed code works now.", step=20
    ),
    "password.try.pair": Limit(
        10, 900, PAIR, "Passwords typed for one address, from one place",
        "Ten passwords were tried for this address. Try again %(wait)s. "
        "A passkey or a mailed code works now.",
    ),
    "password.try.account": Limit(
        100, 3600, ADDRESS, "Passwords typed for one address",
        "Very many passwords were tried for this address, so passwords rest: try again %(wait)s. "
        "A passkey or a mailed code works now.",
    ),
    "password.try.all": Limit(
        600, 60, SHOP, "Passwords typed",  # each takes a tenth of a second of a processor
        "Very many passwords are being tried just now. Try again %(wait)s. "
        "A passkey or a mailed code works now.",
        step=100,
    ),
    "second.try.client": Limit(
        40, 900, CLIENT, "Second steps answered", _HERE + _PASSKEY
    ),
    "second.try.member": Limit(
        20, 3600, MEMBER, "Second steps answered",
        "Twenty second steps were answered for this account. Try again %(wait)s. " + _PASSKEY,
    ),
    "second.send.client": Limit(
        20, 900, CLIENT, "Codes sent as a second step",
        "Many codes were sent from your network. Ask again %(wait)s. "
        "A recovery code or an authenticator app works now.",
    ),
    "second.send.member": Limit(
        5, 900, MEMBER, "Codes sent as a second step",
        "Five codes were sent already. Look at the newest one, or ask again %(wait)s. "
        "A recovery code works now.",
    ),
    # Getting back in, and joining
    "recover.ask.pair": Limit(
        3, 86400, PAIR, "Slow ways back mailed to one address, asked from one place",
        "Three mails about getting back in went to this address. The newest one still works; "
        "ask again %(wait)s.",
    ),
    "recover.ask.address": Limit(
        12, 86400, ADDRESS, "Slow ways back mailed to one address",
        "Many mails about getting back in went to this address. The newest one still works; "
        "ask again %(wait)s, or write to the shop.",
    ),
    "recover.answer.member": Limit(
        10, 86400, MEMBER, "Answers to security questions",
        "Answers were given ten times within a day. Try again %(wait)s, or write to the shop.",
    ),
    "recover.ask.all": Limit(NEVER, 900, SHOP, "Slow ways back asked for", step=20),
    "join.ask.client": Limit(
        20, 900, CLIENT, "Mails to join",
        "Many people joined from your network just now. Try again %(wait)s, "
        "or from another network, such as that of your phone.",
        step=10,
    ),
    "join.ask.address": Limit(5, 3600, ADDRESS, "Mails to join to one address", _MAILS.strip()),
    "join.ask.all": Limit(NEVER, 900, SHOP, "Mails to join", step=60),
    # Orders without an account, and claiming them
    "order.ask.client": Limit(
        20, 900, CLIENT, "Links to one order asked for",
        "Many orders were looked for from your network. Try again %(wait)s, or sign in to see all "
        "of yours.",
        step=10,
    ),
    "order.ask.address": Limit(
        5, 900, ADDRESS, "Links to one order mailed to one address", _MAILS.strip()
    ),
    "order.ask.all": Limit(NEVER, 900, SHOP, "Links to one order asked for", step=60),
    "order.find.client": Limit(
        10, 3600, CLIENT, "Orders looked for by three facts",
        "Ten orders were looked for from your network. Try again %(wait)s, "
        "or ask for a link by mail now.",
        step=5,
    ),
    "order.find.order": Limit(
        10, 86400, ORDER, "Orders looked for by three facts",
        "This number was tried too often. Try again %(wait)s, or ask for a link by mail now.",
    ),
    "order.find.all": Limit(
        300, 3600, SHOP, "Orders looked for by three facts",
        "Very many orders are being looked for just now. Try again %(wait)s, "
        "or ask for a link by mail now.",
        step=60,
    ),
    "claim.try.client": Limit(
        30, 3600, CLIENT, "Orders claimed, rightly or not",
        "Many orders were claimed from your network. Try again %(wait)s, or write to the shop.",
    ),
    "claim.try.member": Limit(
        10, 3600, MEMBER, "Orders claimed, rightly or not",
        "You tried ten orders. Have the confirmations at hand and try again %(wait)s, "
        "or write to the shop.",
    ),
    "claim.try.order": Limit(
        20, 86400, ORDER, "Orders claimed, rightly or not",
        "This number was tried too often. Try again %(wait)s, or write to the shop.",
    ),
    # Text messages: each costs the shop money
    "sms.ask.member": Limit(5, 3600, MEMBER, "Text messages", _TEXTS),
    "sms.ask.number": Limit(5, 3600, NUMBER, "Text messages to one number", _TEXTS),
    "sms.ask.client": Limit(
        10, 3600, CLIENT, "Text messages to join or sign in",
        "Many text messages were asked for from your network. Ask again %(wait)s, or use a code by "
        "mail now.",
        step=6,
    ),
    "sms.ask.pair": Limit(
        5, 3600, PAIR, "Text messages to join or sign in, to one number from one place", _TEXTS
    ),
    "sms.public.number": Limit(
        15, 3600, NUMBER, "Text messages to join or sign in, to one number", _TEXTS
    ),
    "sms.public.all": Limit(  # what strangers ask for leaves room for second steps
        300, 86400, SHOP, "Text messages to join or sign in",
        "The shop sends no more of these text messages for now. Try again %(wait)s, or use a code "
        "by mail.",
        step=100,
    ),
    "sms.all": Limit(
        500, 86400, SHOP, "Text messages",
        "The shop sends no more text messages for now. Try again %(wait)s, "
        "or use a code by mail or an authenticator app.",
    ),
    # Signed in
    "password.judge": Limit(
        400, 900, MEMBER, "Passwords judged while somebody types",
        "That was a lot of typing. Go on %(wait)s; nothing is lost.",
    ),
    "codes.make": Limit(
        10, 3600, MEMBER, "Recovery codes made",
        "You made new codes ten times. The newest ones work; make others %(wait)s.",
    ),
    "address.change": Limit(
        5, 3600, MEMBER, "New addresses typed",
        "You typed five new addresses. Look at the newest mail, or try again %(wait)s.",
    ),
    "search": Limit(
        300, 60, MEMBER, "Searches by an agent",
        "That was a lot of searching in one minute. Go on %(wait)s.",
    ),
    "wishlist.add": Limit(
        120, 3600, MEMBER, "Things saved",
        "That were many things in a short time. All of them are saved; go on %(wait)s.",
    ),
    "points.redeem": Limit(
        20, 3600, MEMBER, "Vouchers made",
        "That were many vouchers in a short time. Make the next one %(wait)s; your points stay.",
    ),
    "picture": Limit(
        20, 3600, MEMBER, "Pictures sent",
        "That were many pictures in a short time. The last one is kept; send another %(wait)s.",
    ),
}  # fmt: skip
