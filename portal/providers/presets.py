"""What is known of each kind of provider: where it is, what it speaks, what the owner types."""

from dataclasses import dataclass, field

from portal.lib.text import _


@dataclass(frozen=True)
class Preset:
    """One kind of provider.

    `asks` names what the owner types beside client id and secret (a field of the form each).
    `again` is sent where a fresh proof is asked. `answers` is form_post where the provider posts.
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
    again: dict[str, str] = field(default_factory=dict)


PRESETS = {
    preset.name: preset
    for preset in (
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
