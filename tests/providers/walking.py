"""Short ways through the door with another service's account."""

import re

from programs import Person

from portal.lib.mail import Mail
from portal.members.models import Member
from portal.providers.models import LinkedAccount, Provider


def away(client, key: str = "one", **data: str) -> str:
    """Press the provider's button: where it leads."""
    answer = client.post(f"/sign-in/with/{key}", data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def come_back(client, login: str = "alice", key: str = "one", **data: str):
    """Press the button, sign in there, come back: the shop's answer."""
    return client.get(Person(login).visit(away(client, key, **data)))


def link(member: Member, provider: Provider, subject: str = "alice") -> LinkedAccount:
    """A link as it is stored."""
    return LinkedAccount.create(
        member=member, provider=provider, issuer=provider.issuer, subject=subject
    )


def words(answer) -> str:
    """What is refused, as the page says it."""
    found = re.search(r'role="alert">([^<]+)<', answer.get_data(as_text=True))
    return found[1] if found else ""


def code_of_the_mail() -> str:
    """The code in the newest mail."""
    mail = Mail.select().order_by(Mail.id.desc()).first()
    return mail.secret().partition("\n")[0]
