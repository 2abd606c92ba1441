"""What the outbox holds, as its readers would see it: the last mail to an address and its link."""

import re

from portal.lib.mail import Mail


def last(to: str) -> Mail:
    """The newest mail to an address."""
    return Mail.select().where(Mail.to == to).order_by(Mail.id.desc()).get()


def text_of(mail: Mail) -> str:
    """What its reader reads."""
    return mail.filled(mail.secret())[0]


def link(to: str, path: str) -> str:
    """The path with the secret of the newest mail to an address that has such a link."""
    for mail in Mail.select().where(Mail.to == to).order_by(Mail.id.desc()):
        found = re.search(rf"http://localhost:8000({re.escape(path)}\S+)", text_of(mail))
        if found:
            return found[1]
    raise AssertionError(f"no mail to {to} has a link to {path}")


def subjects(to: str) -> list[str]:
    """Subjects of all mails to an address, oldest first."""
    return [mail.subject for mail in Mail.select().where(Mail.to == to).order_by(Mail.id)]
