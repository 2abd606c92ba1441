"""Sign-ins that are at the provider: begun by one browser, taken once, for ten minutes.

The browser holds a secret in a cookie, the address that comes back holds the state; the row is
found by the one and opened by the other.
"""

import json
from calendar import timegm
from datetime import timedelta
from typing import Any

from portal.lib.clock import now
from portal.lib.db import write_tx
from portal.lib.tokens import digest, new_token, seal, unseal
from portal.providers import refusals
from portal.providers.models import Provider, ProviderFlow

LIVES = timedelta(minutes=10)
KEPT = timedelta(days=1)  # how long a late or used answer can still be told what it is
_PURPOSE = "provider-flow"


def begin(
    provider: Provider,
    purpose: str,
    browser: str,
    kept: dict[str, Any],
    *,
    state: str,
    target: str = "",
    member_id: int | None = None,
    lives: timedelta = LIVES,
) -> ProviderFlow:
    """Write down that a browser went to a provider; what is kept waits sealed."""
    moment = now()
    with write_tx():
        ProviderFlow.delete().where(ProviderFlow.expires_at < moment - KEPT).execute()
        return ProviderFlow.create(
            state_hash=digest(state),
            browser_hash=digest(browser),
            provider=provider,
            purpose=purpose,
            member_id=member_id,
            sealed=_sealed({**kept, "began": timegm(moment.timetuple())}),
            target=target[:500],
            created_at=moment,
            expires_at=moment + lives,
        )


def take(provider: Provider, state: str, browser: str) -> tuple[ProviderFlow, dict[str, Any]]:
    """The flow of an answer and what it kept, for exactly one caller; raises NoKey."""
    flow = ProviderFlow.get_or_none(
        (ProviderFlow.state_hash == digest(state)) & (ProviderFlow.provider == provider)
    )
    if flow is None:
        raise refusals.unknown_answer(provider.name)
    if flow.browser_hash != digest(browser):
        raise refusals.foreign_answer(provider.name)
    if flow.purpose == "used":
        raise refusals.used_answer(provider.name)
    if not flow.created_at - timedelta(minutes=1) <= now() <= flow.expires_at:
        raise refusals.late_answer(provider.name)
    kept = read(flow)
    if not use(flow) or kept is None:
        raise refusals.used_answer(provider.name)
    return flow, kept


def use(flow: ProviderFlow) -> bool:
    """Use a flow up and wipe what it kept; False when somebody else did."""
    with write_tx():
        used = ProviderFlow.update(purpose="used", sealed="").where(
            (ProviderFlow.id == flow.id) & (ProviderFlow.purpose == flow.purpose)
        )
        return bool(used.execute())


def wait(provider: Provider, browser: str, kept: dict[str, Any], target: str) -> None:
    """Let an identity that opens nothing yet wait until the person says what to do with it."""
    with write_tx():
        ProviderFlow.update(purpose="used", sealed="").where(
            (ProviderFlow.browser_hash == digest(browser)) & (ProviderFlow.purpose == "confirm")
        ).execute()
        begin(provider, "confirm", browser, kept, state=new_token(), target=target)


def waiting(browser: str | None) -> ProviderFlow | None:
    """The identity that waits in this browser, while it can still be used."""
    if not browser:
        return None
    moment = now()
    return (
        ProviderFlow.select(ProviderFlow, Provider)
        .join(Provider)
        .where(
            (ProviderFlow.browser_hash == digest(browser))
            & (ProviderFlow.purpose == "confirm")
            & (ProviderFlow.expires_at > moment)
            & (ProviderFlow.created_at <= moment + timedelta(minutes=1))
            & Provider.enabled
        )
        .order_by(ProviderFlow.id.desc())
        .first()
    )


def put_down(provider: Provider, state: str, said: dict[str, str]) -> bool:
    """Keep an answer that was posted by the provider until the browser comes for it, once."""
    with write_tx():
        flow = ProviderFlow.get_or_none(
            (ProviderFlow.state_hash == digest(state)) & (ProviderFlow.provider == provider)
        )
        kept = read(flow) if flow and flow.expires_at > now() else None
        if flow is None or kept is None or "said" in kept:
            return False
        written = ProviderFlow.update(sealed=_sealed({**kept, "said": said})).where(
            (ProviderFlow.id == flow.id) & (ProviderFlow.sealed == flow.sealed)
        )
        return bool(written.execute())


def keep(flow: ProviderFlow, kept: dict[str, Any]) -> None:
    """Keep something else in a flow that is not used yet."""
    with write_tx():
        ProviderFlow.update(sealed=_sealed(kept)).where(
            (ProviderFlow.id == flow.id) & (ProviderFlow.purpose == flow.purpose)
        ).execute()


def read(flow: ProviderFlow) -> dict[str, Any] | None:
    """What a flow keeps; None once it is used."""
    text = unseal(flow.sealed, _PURPOSE) if flow.sealed else None
    return json.loads(text) if text else None


def _sealed(kept: dict[str, Any]) -> str:
    return seal(json.dumps(kept), _PURPOSE)
