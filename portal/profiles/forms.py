"""What may stand in a profile, and how to say what may not."""

import re
from typing import Any
from urllib.parse import urlsplit

from wtforms import TextAreaField
from wtforms.validators import Length, ValidationError

from portal.lib.forms import Form, LineField
from portal.lib.text import _
from portal.lib.tokens import is_number
from portal.members.models import Member

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]")
BARE = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")  # fernandkettle.example/blog
RESERVED = {
    "about", "account", "admin", "administrator", "agent", "agents", "api", "billing",
    "contact", "everyone", "help", "info", "legal", "login", "logout", "mail", "me", "member",
    "members", "moderator", "new", "news", "null", "official", "orders", "owner", "payments",
    "points", "portal", "postmaster", "privacy", "profile", "regulars", "root", "security",
    "settings", "shop", "sign-in", "sign-out", "staff", "static", "support", "system", "team",
    "terms", "undefined", "webmaster", "wishlist",
}  # fmt: skip


class LinkField(LineField):
    """The address of a page on the web, completed with https:// where somebody left it out."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Clean what was typed."""
        super().process_formdata(valuelist)
        if self.data and BARE.fullmatch(self.data):
            self.data = "https://" + self.data

    def pre_validate(self, form: Form) -> None:
        """Only pages: nothing that runs, and nobody's password."""
        super().pre_validate(form)
        if self.data and not is_link(self.data):
            raise ValidationError(_("Write a web address, such as https://example.com."))


class ProfileForm(Form):
    """Everything of a profile that is typed."""

    name = LineField(_("Name"), [Length(max=120, message=_("Keep the name under 120 characters."))])
    username = LineField(
        _("Username"),
        description=_(
            "3 to 30 small letters, digits, hyphens or underscores. Your page is at its address."
        ),
    )
    bio = TextAreaField(
        _("About you"), [Length(max=600, message=_("Keep it under 600 characters."))]
    )
    location = LineField(
        _("Place"), [Length(max=120, message=_("Keep the place under 120 characters."))]
    )
    link1 = LinkField(_("Link"), [Length(max=200, message=_("That address is too long."))])
    link2 = LinkField(_("Second link"), [Length(max=200, message=_("That address is too long."))])
    link3 = LinkField(_("Third link"), [Length(max=200, message=_("That address is too long."))])

    #: Whose profile it is; set by the view.
    member: Member

    @classmethod
    def of(cls, profile: Any) -> "ProfileForm":
        """The form as it is stored."""
        links = [*(profile.links or []), "", "", ""]
        return cls(
            formdata=None, name=profile.name, username=profile.username, bio=profile.bio or "",
            location=profile.location or "", link1=links[0], link2=links[1], link3=links[2],
        )  # fmt: skip

    def validate_username(self, field: LineField) -> None:
        """The shape, and words that would let somebody pass for the shop or for another."""
        name = field.data = (field.data or "").lower()
        own = self.member.number.lower()
        if not name:
            field.data = own
        elif not USERNAME.fullmatch(name):
            raise ValidationError(
                _("Use 3 to 30 small letters, digits, hyphens or underscores, with a letter or "
                  "digit at both ends.")
            )  # fmt: skip
        elif name in RESERVED or (is_number(name) and name != own):
            raise ValidationError(_("That username is kept free. Choose another."))

    def validate_bio(self, field: TextAreaField) -> None:
        """One kind of line end, and nothing invisible."""
        text = "\n".join((field.data or "").splitlines()).strip()
        field.data = text
        if any(not c.isprintable() and c != "\n" for c in text.replace("\u200d", "")):
            raise ValidationError(_("Please take out the invisible characters."))

    def links(self) -> list[str]:
        """The links that were filled in, each once."""
        typed = (self.link1.data, self.link2.data, self.link3.data)
        return list(dict.fromkeys(link for link in typed if link))


def is_link(text: str) -> bool:
    """Whether a text is the plain address of a page: http or https, a host, no password."""
    try:
        url = urlsplit(text)
        host, _port = url.hostname, url.port
    except ValueError:
        return False
    plain = text.isprintable() and not set(text) & set(" <>\"'\\`{}|^")
    return plain and url.scheme in ("http", "https") and bool(host) and "@" not in url.netloc
