"""`portal staff …` and `portal sign-in-link`: ways in that only the machine's own user can open."""

import click
from flask import current_app

from portal.lib.text import _
from portal.members import links
from portal.members.models import EmailAddress, Passkey
from portal.members.models.member import ROLES
from portal.members.staff import add_staff, list_staff, remove_staff


@click.group()
def staff() -> None:
    """Who works for the shop."""


@staff.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
def add(email: str, role: str) -> None:
    """Make somebody an agent or owner and print their set-up link.

    Run again it prints a new link and the old one dies: the way back for somebody who lost all
    their passkeys.
    """
    token = add_staff(email, role)
    click.echo(_("A set-up link for %(email)s, good once, for a day:", email=email))
    click.echo(f"{current_app.config['BASE_URL']}/setup/{token}")


@staff.command("list")
def list_() -> None:
    """Print everybody on the staff."""
    people = list_staff()
    if not people:
        click.echo(
            _("Nobody works here yet. Add somebody with: portal staff add EMAIL --role owner")
        )
    for member in people:
        email = EmailAddress.of(member)
        ready = Passkey.select().where(Passkey.member == member).exists()
        cells = [
            str(member.role),
            email.address if email else "",
            member.name,
            "" if ready else _("has no passkey yet"),
        ]
        click.echo("\t".join(cells).rstrip())


@staff.command()
@click.argument("email")
def remove(email: str) -> None:
    """Take somebody's role away and end their sessions at once."""
    member = remove_staff(email)
    click.echo(_("%(name)s works here no more.", name=member.shown_name))


@click.command("sign-in-link")
@click.argument("email")
def sign_in_link(email: str) -> None:
    """Print a one-time link that signs a member in, for ten minutes."""
    token = links.sign_in_link(email)
    click.echo(f"{current_app.config['BASE_URL']}/sign-in/link/{token}")
