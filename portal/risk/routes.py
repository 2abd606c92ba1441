"""Which route does which deed: asked before every one of them, in one place.

A test holds this table against every route of the app that changes something.
"""

#: `METHOD rule` by deed (see standing.DEEDS). The verbs behind some ask again in their transaction.
ROUTES = {
    "points": ("POST /account/points/redeem",),
    "addresses": (
        "POST /account/email",
        "POST /account/security/linked",
        "POST /account/security/linked/<key>",
        "POST /account/security/phone",
        "POST /account/security/phone/code",
        "POST /account/security/phone/again",
        "POST /account/security/phone/remove",
        "POST /account/security/second-factor/sms",
        "POST /account/security/second-factor/sms/code",
    ),
    "keys": (
        "POST /account/security/passkeys",
        "POST /sign-in/offer",
        "POST /account/security/password",
        "POST /account/security/second-factor/app",
        "POST /account/security/second-factor/app/<int:app_id>",
        "POST /account/security/second-factor/mail",
        "POST /account/security/recovery-codes",
        "POST /account/security/questions",
    ),
    "claims": (
        "POST /claim",
        "POST /claim/code",
        "POST /claim/take",
        "POST /claim/<int:claim_id>/undo",
    ),
    "profile": (
        "POST /account/profile",
        "POST /account/profile/visibility",
        "POST /account/profile/picture",
        "POST /join/steps/<step>",
    ),
    "card": (
        "GET /account/card",
        "GET /account/card/kept",
        "POST /account/card/keep",
    ),
    "wishlist": (
        "POST /wishlist/add",
        "POST /account/wishlists/items/<int:item_id>/note",
        "POST /account/wishlists/items/<int:item_id>/move",
    ),
}
DEED_OF = {route: deed for deed, routes in ROUTES.items() for route in routes}
