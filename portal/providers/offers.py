"""What the owner does with the shop's providers: add, try out, put in order, switch, remove."""

from typing import Any

from flask import current_app
from peewee import JOIN, fn

from portal.lib.db import write_tx
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.models import Member
from portal.providers import languages
from portal.providers.models import LinkedAccount, Provider
from portal.providers.secret import sealed


def every() -> list[Provider]:
    """All of them in the shop's order, with how many people each opens an account for."""
    count = fn.COUNT(LinkedAccount.id).alias("people")
    found: Any = Provider.select(Provider, count).join(LinkedAccount, JOIN.LEFT_OUTER)
    return list(found.group_by(Provider.id).order_by(Provider.position, Provider.id))


def free_key(preset: str) -> str:
    """A key for addresses that no provider has yet: `google`, then `google-2`."""
    taken = {key for (key,) in Provider.select(Provider.key).tuples()}
    names = (preset if n == 1 else f"{preset}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def save(provider: Provider, values: dict[str, Any], owner: Member) -> None:
    """Store what the owner typed once the provider answers as one; raises Refused when not.

    An empty secret keeps the stored one.
    """
    secret = values.pop("secret", "")
    for name, value in values.items():
        setattr(provider, name, value)
    if secret:
        provider.sealed_secret = sealed(secret)
    provider.options = {**provider.options, "origin": languages.try_out(provider)}
    with write_tx():
        if provider.id is None:
            if Provider.select().where(Provider.key == provider.key).exists():
                raise Refused(_("Another provider has this place now. Go back and begin again."))
            provider.position = (Provider.select(fn.MAX(Provider.position)).scalar() or 0) + 1
        provider.save()
        owner.record("provider.kept", actor=owner, provider=provider.name)


def try_out(provider: Provider) -> str:
    """Ask the provider now; the origin where people would sign in. Raises Refused."""
    origin = languages.try_out(provider)
    if origin != provider.options.get("origin"):
        with write_tx():
            options = {**provider.options, "origin": origin}
            Provider.update(options=options).where(Provider.id == provider.id).execute()
    return origin


def move(provider: Provider, up: bool) -> None:
    """One place up or down in the shop's order; at the end of it nothing changes."""
    with write_tx():
        ids = [row.id for row in every()]
        here = ids.index(provider.id)
        there = here - 1 if up else here + 1
        if 0 <= there < len(ids):
            ids[here], ids[there] = ids[there], ids[here]
        for position, id_ in enumerate(ids):
            Provider.update(position=position).where(Provider.id == id_).execute()


def switch(provider: Provider, on: bool, owner: Member) -> None:
    """Offer it, or offer it no more; what is linked stays linked and waits."""
    with write_tx():
        changed = Provider.update(enabled=on).where(
            (Provider.id == provider.id) & (Provider.enabled == (not on))
        )
        if changed.execute():
            kind = "provider.switched_on" if on else "provider.switched_off"
            owner.record(kind, actor=owner, provider=provider.name)


def remove(provider: Provider, owner: Member) -> None:
    """Take a provider away that opens nobody's account; raises Refused for others."""
    with write_tx():
        Provider.update(enabled=False).where(Provider.id == provider.id).execute()
        if LinkedAccount.select().where(LinkedAccount.provider == provider).exists():
            raise Refused(
                _(
                    "%(name)s opens accounts of members. Switch it off instead; it can be "
                    "switched on again.",
                    name=provider.name,
                )
            )
        if Provider.delete().where(Provider.id == provider.id).execute():
            owner.record("provider.removed", actor=owner, provider=provider.name)
    current_app.logger.info("provider %s removed", provider.key)
