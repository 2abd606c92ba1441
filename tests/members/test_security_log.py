"""Each way in and each proof, really gone: success is exactly one event, failure exactly one."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from authenticator import Authenticator as Device
from authenticator import add_passkey, proof
from factories import make_member
from flask import Flask
from logged import IN, told
from newcomers import ask as ask_to_join
from newcomers import mailed as mailed_to_join
from newcomers import type_code as confirm
from outbox import link as link_to

from portal.factors import authenticators, passwords, recovery_codes
from portal.joining import invitations
from portal.lib.clock import now
from portal.lib.jobs import run_waiting
from portal.lib.mail import Mail
from portal.lib.sms import TextMessage
from portal.members import links, phones
from portal.members.models import (
    Authenticator,
    EmailAddress,
    Event,
    Incident,
    Member,
    OneTimeLink,
    Passkey,
    Restriction,
    SentFactor,
    Session,
    SignInCode,
)
from portal.members.staff import add_staff, make_owner_link
from portal.shop.models import change_settings

EMAIL = "alice@example.com"
GOOD = "seven wet umbrellas sing"
LATER = timedelta(hours=48, seconds=1)


class Door:
    """A browser at the door, and Alice, who has every proof there is."""

    def __init__(self, app: Flask, sign_in: Any) -> None:
        self.app, self.sign_in, self.client = app, sign_in, app.test_client()
        app.config["SMS_URL"] = ""
        change_settings(passwords=True, claim_by_email=True)
        self.alice = make_member(email=EMAIL, nudge_after=now() + timedelta(days=9))
        passwords.keep(self.alice, GOOD, session_id=0)
        self.device = Device()
        self.shared = ""

    def key(self) -> "Door":
        """Alice has a passkey."""
        add_passkey(self.sign_in(self.alice), self.device)
        return self

    def app_too(self) -> "Door":
        """Alice has an authenticator app, so that one proof is not enough."""
        made = authenticators.begin(self.alice)
        Authenticator.update(confirmed_at=now()).where(Authenticator.id == made.id).execute()
        self.shared = authenticators.secret(made)
        return self

    def sent(self, channel: str) -> "Door":
        """Alice gets a code by mail or text message as the second step."""
        SentFactor.create(member=self.alice, channel=channel, target="+32470123456")
        self.app.config["DEMO"] = channel == "sms"  # its texts stay in the outbox
        return self

    def phone(self, alices: bool = True) -> "Door":
        """The shop lets people in by text message; Alice's number opens her account."""
        self.app.config["DEMO"] = True  # its texts stay in the outbox
        change_settings(phone_sign_in=True)
        if alices:
            phones.put_door(self.alice, "+32470123456")
        return self

    def staff(self) -> "Door":
        """Alice works for the shop, and has only a password."""
        Member.update(role="agent").where(Member.id == self.alice.id).execute()
        return self

    def suspended(self) -> "Door":
        """Alice may not come in."""
        Restriction.create(
            member=self.alice, kind="suspend", text="Please write to us.", reason="x", by=self.alice
        )
        return self

    def code(self, typed: str = "") -> Any:
        """Ask for a mailed code and type it."""
        self.client.post("/sign-in/code", data={"email": EMAIL})
        mail = Mail.select().where(Mail.kind == "sign_in_code").order_by(Mail.id.desc()).first()
        return self.client.post("/sign-in/code/enter", data={"code": typed or mail.secret()})

    def password(self, typed: str = GOOD, email: str = EMAIL) -> Any:
        """Type address and password."""
        return self.client.post("/sign-in/password", data={"email": email, "password": typed})

    def second(self, by: str, typed: str) -> Any:
        """Type the second step."""
        return self.client.post("/sign-in/second", data={"by": by, "code": typed})

    def send(self, by: str) -> str:
        """Let the second step's code be sent; the code."""
        self.client.post("/sign-in/second/send", data={"by": by})
        table = Mail if by == "mail" else TextMessage
        secret = table.select().order_by(table.id.desc()).first().secret()
        return str(secret).partition("\n")[0]  # a link may stand beside the code

    def digits(self) -> str:
        """What the app shows."""
        return pyotp.TOTP(self.shared).at(now().replace(tzinfo=UTC))

    def set_up(self, token: str, name: dict[str, str], spoil: bool = False) -> Any:
        """Go through a set-up link with a new passkey."""
        where = f"/setup/{token}"
        self.client.post(where, data=name)
        options = self.client.post(f"{where}/options").json
        device = Device()
        if spoil:
            device.origin = "https://evil.example"
        made = device.make(options["publicKey"])
        data = {"challenge_id": options["challenge_id"], "credential": made}
        return self.client.post(where, data=data)

    def recovery(self) -> str:
        """The slow way back, begun."""
        self.client.post("/recover", data={"email": EMAIL})
        run_waiting()
        way = link_to(EMAIL, "/recover/way/")
        self.client.post(way)
        return way

    def invitation(self) -> str:
        """The link of an invitation to somebody new."""
        invitations.invite("maren@example.com", make_member("Marit De Smet", role="owner"))
        mail = Mail.select().where(Mail.kind == "invitation").order_by(Mail.id.desc()).get()
        return f"/join/invited/{mail.secret()}"


@pytest.fixture
def door(app: Flask, sign_in: Any) -> Door:
    """Nobody is in yet."""
    return Door(app, sign_in)


def _waited(d: Door) -> Any:
    way = d.recovery()
    with time_machine.travel(now() + LATER):
        return d.client.post(way)


def _suspended_recovery(d: Door) -> Any:
    way = d.recovery()
    d.suspended()
    with time_machine.travel(now() + LATER):
        return d.client.post(way)


def _texted(typed: str = "", closed: bool = False) -> Callable[[Door], Any]:
    def try_it(d: Door) -> Any:
        d.phone()
        d.client.post("/sign-in/code", data={"email": "+32470123456"})
        code = TextMessage.select().order_by(TextMessage.id.desc()).first().secret()
        if closed:
            phones.close_doors(d.alice)
        return d.client.post("/sign-in/text", data={"code": typed or code})

    return try_it


def _joined_by_text(d: Door) -> Any:
    d.phone(alices=False)
    d.client.post("/join/phone", data={"number": "+32470123456", "name": "Maren Holt"})
    text = TextMessage.select().order_by(TextMessage.id.desc()).first()
    return confirm(d.client, text.secret())


def _demo(d: Door) -> Any:
    d.app.config["DEMO"] = True
    make_member("Nora De Smet", role="owner")
    return d.client.post("/demo/enter", data={"who": "owner"})


def _joined_by_link(d: Door) -> Any:
    ask_to_join(d.client)
    return d.client.post(mailed_to_join()[1])


def _joined_by_code(d: Door) -> Any:
    ask_to_join(d.client)
    return confirm(d.client, mailed_to_join()[0])


def _mailed_second(d: Door) -> Any:
    d.sent("mail").password()
    return d.second("mail", d.send("mail"))


def _texted_second(d: Door) -> Any:
    d.sent("sms").password()
    return d.second("sms", d.send("sms"))


def _recovery_code(d: Door) -> Any:
    codes = recovery_codes.make(d.app_too().alice)
    d.password()
    return d.second("recovery", codes[0])


def _app(d: Door) -> Any:
    d.app_too().password()
    return d.second("app", d.digits())


def _password_second(d: Door) -> Any:
    EmailAddress.update(verified_at=now()).execute()
    d.sent("mail").code()
    return d.second("password", GOOD)


SUCCESSES: dict[str, Callable[[Door], Any]] = {
    "a passkey": lambda d: d.key() and d.client.post(
        "/sign-in/passkey", data=proof(d.client, d.device)
    ),
    "a mailed code": lambda d: d.code(),
    "a code by text message": _texted(),
    "joining by text message": _joined_by_text,
    "a one-time link": lambda d: d.client.post(f"/sign-in/link/{links.make_link(d.alice)}"),
    "a password": lambda d: d.password(),
    "an app": _app,
    "a mailed code as the second step": _mailed_second,
    "a text message as the second step": _texted_second,
    "a password as the second step": _password_second,
    "a recovery code": _recovery_code,
    "the set-up link of the first owner": lambda d: d.set_up(
        make_owner_link() or "", {"name": "Marit De Smet", "email": "marit@example.com"}
    ),
    "a set-up link": lambda d: d.set_up(
        add_staff("ines@example.com", "agent"), {"name": "Ines Peeters"}
    ),
    "a recovery of 48 hours": _waited,
    "joining by code": _joined_by_code,
    "joining by link": _joined_by_link,
    "an invitation": lambda d: d.client.post(d.invitation(), data={"name": "Maren Holt"}),
    "the demo's door": _demo,
}  # fmt: skip


@pytest.mark.parametrize("way", SUCCESSES)
def test_coming_in_is_exactly_one_event(door: Door, way: str) -> None:
    answer = SUCCESSES[way](door)
    assert (answer.status_code, told()) == (303, IN)
    assert Session.live(Member.get_by_id(Session.get().member_id)).exists()


def _wrong_passkey(d: Door) -> Any:
    d.key()
    data = proof(d.client, d.device)
    other = Device()
    other.id, other.handle = d.device.id, d.device.handle  # signs with another key
    options = d.client.post("/sign-in/passkey/options").json
    data = {
        "challenge_id": options["challenge_id"], "credential": other.answer(options["publicKey"]),
    }  # fmt: skip
    return d.client.post("/sign-in/passkey", data=data)


def _replayed_passkey(d: Door) -> Any:
    data = proof(d.key().client, d.device)
    d.client.post("/sign-in/passkey", data=data)
    return d.app.test_client().post("/sign-in/passkey", data=data)


def _copied_passkey(d: Door) -> Any:
    d.key()
    Passkey.update(sign_count=9).execute()
    d.device.count = 3
    return d.client.post("/sign-in/passkey", data=proof(d.client, d.device))


def _unknown_passkey(d: Door) -> Any:
    d.device.handle = b"x" * 64
    return d.client.post("/sign-in/passkey", data=proof(d.client, d.device))


def _late_code(d: Door) -> Any:
    d.client.post("/sign-in/code", data={"email": EMAIL})
    SignInCode.update(expires_at=now()).execute()
    return d.client.post("/sign-in/code/enter", data={"code": "K7QM4T"})


def _code_of_nobody(d: Door) -> Any:
    d.client.post("/sign-in/code", data={"email": "nobody@example.com"})
    return d.client.post("/sign-in/code/enter", data={"code": "K7QM4T"})


def _used_link(d: Door) -> Any:
    token = links.make_link(d.alice)
    OneTimeLink.update(used_at=now()).execute()
    return d.client.post(f"/sign-in/link/{token}")


def _late_second(d: Door) -> Any:
    d.app_too().password()
    with time_machine.travel(now() + timedelta(minutes=11)):
        return d.second("app", d.digits())


def _wrong_second(way: str) -> Callable[[Door], Any]:
    def try_it(d: Door) -> Any:
        if way in ("mail", "sms"):
            d.sent(way).password()
            d.send(way)
        elif way == "password":
            EmailAddress.update(verified_at=now()).execute()
            d.sent("mail").code()
        else:
            recovery_codes.make(d.app_too().alice)
            d.password()
        return d.second(way, "ABCD-EFGH-JKLM" if way == "recovery" else "000000")

    return try_it


def _used_recovery_code(d: Door) -> Any:
    codes = recovery_codes.make(d.app_too().alice)
    recovery_codes.use(d.alice, codes[0])
    d.password()
    return d.second("recovery", codes[0])


def _stopped_recovery(d: Door) -> Any:
    way = d.recovery()
    d.client.post(link_to(EMAIL, "/recover/stop/"))
    with time_machine.travel(now() + LATER):
        return d.client.post(way)


def _wrong_code_to_join(d: Door) -> Any:
    ask_to_join(d.client)
    return confirm(d.client, "K7QM4T")


def _wrong_code_of_a_member(d: Door) -> Any:
    Member.update(joined_at=now()).execute()
    ask_to_join(d.client, email=EMAIL)
    return confirm(d.client, "K7QM4T")


def _used_invitation(d: Door) -> Any:
    path = d.invitation()
    d.client.post(path, data={"name": "Maren Holt"})
    return d.app.test_client().post(path, data={"name": "Mallory"})


def _garbled_setup(d: Door) -> Any:
    return d.set_up(add_staff("ines@example.com", "agent"), {"name": "Ines"}, spoil=True)


FAILURES: dict[str, tuple[Callable[[Door], Any], list[str]]] = {
    "a passkey signed by another key": (_wrong_passkey, ["passkey.wrong"]),
    "an answer of a passkey, sent again": (_replayed_passkey, ["in", "passkey.wrong"]),
    "a copy of a passkey": (_copied_passkey, ["passkey.refused"]),
    "a passkey of nobody": (_unknown_passkey, ["!passkey_unknown"]),
    "a wrong mailed code": (lambda d: d.code("WRONG2"), ["sign_in.code_wrong"]),
    "a late mailed code": (_late_code, ["sign_in.too_late"]),
    "a mailed code of nobody": (_code_of_nobody, ["!code_unknown"]),
    "a code that nobody asked for": (
        lambda d: d.client.post("/sign-in/code/enter", data={"code": "K7QM4T"}), ["!code_unknown"],
    ),
    "a used link": (_used_link, ["link.dead"]),
    "a made-up link": (lambda d: d.client.post("/sign-in/link/zebrafish"), ["!bad_link"]),
    "a wrong password": (lambda d: d.password("wrong and long enough"), ["password.wrong"]),
    "a password of nobody": (
        lambda d: d.password(email="nobody@example.com"), ["!password_unknown"],
    ),
    "a right password of a suspended account": (
        lambda d: d.suspended().password(), ["sign_in.refused"],
    ),
    "a right password of staff, and nothing else": (
        lambda d: d.staff().password(), ["sign_in.refused"],
    ),
    "a wrong code of the app": (_wrong_second("app"), ["factor.wrong"]),
    "a wrong mailed code as the second step": (_wrong_second("mail"), ["factor.wrong"]),
    "a wrong text message's code as the second step": (_wrong_second("sms"), ["factor.wrong"]),
    "a wrong password as the second step": (_wrong_second("password"), ["factor.wrong"]),
    "a wrong recovery code": (_wrong_second("recovery"), ["factor.wrong"]),
    "a used recovery code": (_used_recovery_code, ["factor.wrong"]),
    "a late second step": (_late_second, ["sign_in.too_late"]),
    "a second step without a first": (lambda d: d.second("app", "000000"), ["!code_unknown"]),
    "a set-up link with a foreign passkey": (_garbled_setup, ["setup.refused"]),
    "a made-up set-up link": (lambda d: d.client.post("/setup/zebrafish"), ["!bad_link"]),
    "the first owner's set-up, with a foreign passkey": (
        lambda d: d.set_up(
            make_owner_link() or "", {"name": "Eve", "email": "eve@example.com"}, spoil=True
        ),
        ["!setup_refused"],
    ),
    "a stopped recovery": (_stopped_recovery, ["link.dead"]),
    "a recovery of a suspended account": (_suspended_recovery, ["sign_in.refused"]),
    "a wrong code by text message": (_texted("WRONG2"), ["sign_in.code_wrong"]),
    "a code by text message to a number that opens nothing now": (
        _texted(closed=True), ["sign_in.too_late"],
    ),
    "a made-up recovery": (lambda d: d.client.post("/recover/way/zebrafish"), ["!bad_link"]),
    "a wrong code to join": (_wrong_code_to_join, ["!code_unknown"]),
    "a wrong code at joining, of a member": (_wrong_code_of_a_member, ["sign_in.code_wrong"]),
    "a used invitation": (_used_invitation, ["in", "!old_link"]),
    "the demo's door of a real shop": (
        lambda d: d.client.post("/demo/enter", data={"who": "owner"}), ["!demo_shut"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", FAILURES)
def test_failing_is_exactly_one_event_or_incident(door: Door, way: str) -> None:
    go, expected = FAILURES[way]
    go(door)
    assert told() == expected
    assert door.alice.id not in {i.member_id for i in Incident.select()}


def test_the_log_keeps_no_code_password_or_token(door: Door) -> None:
    door.code("WRONG2")
    door.password("wrong and long enough")
    door.client.post("/sign-in/link/zebrafish-token")
    run_waiting()
    kept = " ".join(
        str(row) for table in (Event, Incident) for row in table.select().tuples()
    )  # fmt: skip
    assert [word for word in ("WRONG2", "long enough", "zebrafish") if word in kept] == []
