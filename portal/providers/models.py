"""Other people's keys: the providers a shop offers, who is linked to which, sign-ins on the way."""

from peewee import (
    BooleanField,
    CharField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)

from portal.lib.clock import now
from portal.lib.db import Base
from portal.members.models import Member


class Provider(Base):
    """One provider of the shop.

    `preset`: google, apple, entra, slack, workspace, oidc, facebook, x.
    """

    key = CharField(max_length=40, unique=True)  # in addresses
    preset = CharField(max_length=20)
    name = CharField(max_length=80)
    issuer = CharField(max_length=300, default="")
    client_id = CharField(max_length=300)
    sealed_secret = TextField(default="")
    options = JSONField(default=dict)  # tenant, hosted domain, endpoints of OAuth 2
    position = IntegerField(default=0)
    enabled = BooleanField(default=True)
    created_at = DateTimeField(default=now)


class LinkedAccount(Base):
    """A provider's account that opens a member's, known by issuer and subject, never by e-mail."""

    member = ForeignKeyField(Member, backref="linked_accounts", on_delete="CASCADE")
    provider = ForeignKeyField(Provider, backref="linked_accounts", on_delete="CASCADE")
    issuer = CharField(max_length=300)
    subject = CharField(max_length=255)
    shown = CharField(max_length=320, default="")  # name or address as the provider said it
    linked_at = DateTimeField(default=now)
    used_at = DateTimeField(null=True)

    class Meta:
        indexes = ((("issuer", "subject"), True),)


class ProviderFlow(Base):
    """A sign-in that is at the provider: taken once, by the browser that began it."""

    state_hash = CharField(max_length=64, unique=True)
    browser_hash = CharField(max_length=64)
    provider = ForeignKeyField(Provider, backref="flows", on_delete="CASCADE")
    purpose = CharField(max_length=10)  # sign-in, link, confirm
    member_id = IntegerField(null=True)
    sealed = TextField()  # nonce and code verifier; later what the provider said
    target = CharField(max_length=500, default="")
    created_at = DateTimeField(default=now)
    expires_at = DateTimeField(index=True)


MODELS: list[type[Base]] = [Provider, LinkedAccount, ProviderFlow]
