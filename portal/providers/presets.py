"""What is known of each kind of provider: where it is, what it speaks, what the owner types."""

from dataclasses import dataclass, field

from portal.lib.text import _


@dataclass(frozen=True)
class Preset:
    """One kind of provider.

    `asks` names what the owner types beside client id and secret (a field of the form each).
    `again` is sent where a fresh proof is asked, and the answer shows that it was; without it there
    is none. `answers` is form_post where the provider posts.
    `believes` names the rule by which its word about an address is taken (rules.py).
    """

    name: str
    title: str
    shown: str
    register_at: str
    issuer: str = ""
    scope: str = "openid email profile"
    speaks: str = "oidc"
    asks: tuple[str, ...] = ()
    answers: str = ""
    believes: str = "said"
    tenants: bool = False
    signs: bool = False  # the secret is a key, and each secret is a token signed with it
    again: dict[str, str] = field(default_factory=dict)


GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com/"
APPLE = "https://appleid.apple.com"

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "google",
            _("Google"),
            "Google",
            "https://console.cloud.google.com/auth/clients",
            issuer=GOOGLE,
            believes="google",
        ),
        Preset(
            "workspace",
            _("Google Workspace, one organisation only"),
            "Google",
            "https://console.cloud.google.com/auth/clients",
            issuer=GOOGLE,
            believes="google",
            asks=("domains",),
        ),
        Preset(
            "apple",
            _("Apple"),
            "Apple",
            "https://developer.apple.com/account/resources/identifiers/list/serviceId",
            issuer=APPLE,
            scope="openid name email",
            asks=("team", "key_id"),
            answers="form_post",
            signs=True,
        ),
        Preset(
            "entra",
            _("Microsoft Entra"),
            "Microsoft",
            "https://entra.microsoft.com",
            issuer=MICROSOFT + "{tenant}/v2.0",
            asks=("tenant",),
            believes="microsoft",
            tenants=True,
        ),
        Preset(
            "slack",
            _("Slack"),
            "Slack",
            "https://api.slack.com/apps",
            issuer="https://slack.com",
        ),
        Preset(
            "facebook",
            _("Facebook"),
            "Facebook",
            "https://developers.facebook.com/apps",
            issuer="https://www.facebook.com",
            scope="public_profile email",
            speaks="oauth2",
        ),
        Preset(
            "x",
            _("X"),
            "X",
            "https://developer.x.com/en/portal/projects-and-apps",
            issuer="https://x.com",
            scope="users.read tweet.read users.email",
            speaks="oauth2",
        ),
        Preset(
            "oidc",
            _("Any OpenID provider"),
            "",
            "",
            asks=("issuer",),
            again={"max_age": "0"},
        ),
    )
}


def preset_of(name: str) -> Preset:
    """The preset with this name; KeyError for one that nobody knows."""
    return PRESETS[name]
