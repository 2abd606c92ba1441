"""What the owner types about a provider; which fields there are hangs on its kind."""

import re
from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.text import _
from portal.providers.models import Provider
from portal.providers.presets import PRESETS, Preset
from portal.providers.secret import plain_key

OPTIONS = ("tenant", "domains", "team", "key_id")
_DOMAIN = re.compile(r"([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")


class ProviderForm(Form):
    """A provider of the shop. The secret is never filled in; left empty, the stored one stays."""

    preset = HiddenField()
    key = HiddenField()
    name = LineField(
        _("Name on the button"),
        [
            DataRequired(_("Write the name that people know it by.")),
            Length(max=80, message=_("Use at most 80 characters for the name.")),
        ],
    )
    issuer = LineField(
        _("Issuer"),
        [
            DataRequired(_("Write the issuer’s address.")),
            Length(max=300, message=_("Use at most 300 characters for the issuer.")),
        ],
        description=_("Its address, such as https://login.example.com, as the provider writes it."),
    )
    tenant = LineField(
        _("Tenant"),
        [DataRequired(_("Write the tenant."))],
        description=_("The directory’s id or domain; “common” lets any Microsoft account in."),
    )
    domains = LineField(
        _("Domains of the organisation"),
        [DataRequired(_("Write at least one domain."))],
        description=_("Such as fernandkettle.example; several with blanks between."),
    )
    team = LineField(_("Team ID"), [DataRequired(_("Write the team ID."))])
    key_id = LineField(_("Key ID"), [DataRequired(_("Write the key’s ID."))])
    client_id = LineField(
        _("Client ID"),
        [
            DataRequired(_("Write the client ID that the provider gave you.")),
            Length(max=300, message=_("Use at most 300 characters for the client ID.")),
        ],
    )
    secret = PasswordField(_("Client secret"), [Optional(), Length(max=5000)])

    @classmethod
    def of(cls, provider: Provider, *, filled: bool) -> "ProviderForm":
        """The form of a provider: as it was sent, or as it is stored."""
        preset = PRESETS[provider.preset]
        form = cls() if filled else cls(formdata=None, obj=provider, **provider.options)
        form.preset.data, form.key.data = provider.preset, provider.key
        for name in ("issuer", *OPTIONS):
            if name not in preset.asks:
                del form[name]
        if preset.signs:
            form.secret.label.text = _("Private key (the .p8 file)")
        stored = bool(provider.sealed_secret)
        form.secret.description = (
            _("One is stored and is never shown. Write another to change it.")
            if stored
            else _("It is sealed, and never shown again.")
        )
        return form

    def values(self, preset: Preset) -> dict[str, Any]:
        """What is stored, once the form is valid."""
        plain = {"name": self.name.data, "client_id": self.client_id.data}
        if "issuer" in preset.asks:
            plain["issuer"] = self.issuer.data
        options = {name: self[name].data for name in OPTIONS if name in preset.asks}
        return {**plain, "options": options, "secret": self.secret.data or ""}

    def validate_tenant(self, field: LineField) -> None:
        """An id, a domain, or one of the words that Microsoft knows."""
        field.data = (field.data or "").lower()
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,99}", field.data):
            raise ValidationError(_("Write the tenant’s id or domain, such as contoso.com."))

    def validate_domains(self, field: LineField) -> None:
        """Domains and nothing else."""
        names = (field.data or "").lower().replace(",", " ").split()
        if not names or not all(map(_DOMAIN.fullmatch, names)) or len(names) > 20:
            raise ValidationError(_("Write domains only, such as fernandkettle.example."))
        field.data = " ".join(names)

    def validate_secret(self, field: PasswordField) -> None:
        """Where it is a key, one that signs."""
        if field.data and PRESETS[str(self.preset.data)].signs:
            key = plain_key(field.data)
            if key is None:
                raise ValidationError(
                    _("Paste the whole file AuthKey….p8 that Apple gave you, with its first line.")
                )
            field.data = key

    def validate_team(self, field: LineField) -> None:
        """Ten letters and digits."""
        field.data = _ten(field.data)

    def validate_key_id(self, field: LineField) -> None:
        """Ten letters and digits."""
        field.data = _ten(field.data)


def _ten(typed: str | None) -> str:
    plain = (typed or "").upper()
    if not re.fullmatch(r"[A-Z0-9]{10}", plain):
        raise ValidationError(_("Apple’s IDs have ten letters and digits."))
    return plain
