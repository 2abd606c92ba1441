"""Going to a provider from the door, and what follows when the browser comes back from it."""

from collections.abc import Mapping
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from portal.lib.guard import current_member, public, signed_in
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members import incidents
from portal.members.models import Member
from portal.members.steps import proceed
from portal.members.views.blueprint import limit, secret_page, target
from portal.members.views.sign_in import show_door
from portal.providers import arrivals, flows, languages, links, refusals
from portal.providers.identity import Identity
from portal.providers.models import Provider, ProviderFlow
from portal.providers.presets import preset_of
from portal.providers.views.blueprint import (
    browser_secret,
    forget_browser,
    offered_or_404,
    providers,
    send_off,
)

CANCELLED = ("access_denied", "user_cancelled_authorize", "user_cancelled_login")
LONGEST = 8192  # characters of one value of an answer


@providers.post("/sign-in/with/<key>")
@public
def begin(key: str) -> Response:
    """Off to the provider; somebody who is in already is asked for a fresh proof there."""
    limit("provider.begin.client")
    provider = offered_or_404(key)
    try:
        return send_off(provider, "sign-in", target(), again=signed_in())
    except Refused as refused:
        return show_door(refused.status, refusal=refused.sentence)


@providers.get("/sign-in/with/<key>/back")
@public
def answer(key: str) -> Response:
    """The browser comes back: the code is spent, and its identity signs in, links or waits."""
    limit("provider.back.client")
    provider = offered_or_404(key)
    said = _said(request.args)
    try:
        flow, kept = flows.take(provider, said.get("state", ""), browser_secret())
    except Refused as refused:
        stopped = said.get("error") in CANCELLED and "state" not in said  # some lose the state
        told = refusals.cancelled(provider.name) if stopped else refused
        _note(provider, told)
        return secret_page(show_door(told.status, refusal=told.sentence))
    try:
        identity = _identity(provider, kept, kept.get("said") or said)
        return secret_page(_go_on(flow, identity))
    except Refused as refused:
        _note(provider, refused)
        if flow.purpose == "link" and signed_in():
            flash(refused.sentence, "stop")
            return secret_page(redirect(url_for("providers.linked"), 303))
        return secret_page(show_door(refused.status, refusal=refused.sentence))


@providers.post("/sign-in/with/<key>/back")
@public
def posted(key: str) -> Response:
    """A provider that posts its answer (Apple): it is put down, and the browser comes for it.

    The post comes from another site, so the browser shows no cookie with it; the redirect does.
    """
    limit("provider.back.client")
    provider = Provider.get_or_none((Provider.key == key) & Provider.enabled)
    if provider is None or not preset_of(provider.preset).answers:
        incidents.note("forged")
        abort(403)  # as for every post from another site
    said = _said(request.form)
    state = said.get("state", "")
    if not flows.put_down(provider, state, said):
        refused = refusals.unknown_answer(provider.name)
        _note(provider, refused)
        return secret_page(show_door(refused.status, refusal=refused.sentence))
    back = url_for("providers.answer", key=key, state=state)
    return secret_page(redirect(back, 303))


@providers.record_once
def _let_providers_post(state: BlueprintSetupState) -> None:
    """Another site's post carries no token of ours; the state in it takes its place."""
    state.app.extensions["csrf"].exempt(posted)


def _note(provider: Provider, refused: Refused) -> None:
    """What a provider said and was not taken is nobody's: no account is known by it."""
    if isinstance(refused, refusals.NoKey | refusals.Silent):
        incidents.note("provider_refused", provider=provider.key, reason=refused.reason)


def _said(values: Mapping[str, Any]) -> dict[str, str]:
    """What the provider says by way of the browser: the few names that mean something."""
    names = ("state", "code", "iss", "error", "user")
    return {name: values[name] for name in names if 0 < len(values.get(name, "")) <= LONGEST}


def _identity(provider: Provider, kept: dict[str, Any], said: dict[str, str]) -> Identity:
    if said.get("error") in CANCELLED:
        raise refusals.cancelled(provider.name)
    if "error" in said or "code" not in said:
        current_app.logger.warning("provider %s: %s", provider.key, said.get("error", "no code"))
        raise refusals.refused_there(provider.name)
    return languages.finish(provider, kept, said)


def _go_on(flow: ProviderFlow, identity: Identity) -> Response:
    if flow.purpose == "link":
        return _link(flow, identity)
    known = links.find(identity)
    if known is None:
        arrivals.wait(flow.provider, browser_secret(), identity, flow.target)
        return redirect(url_for("providers.first_time"), 303)
    there = proceed(links.holder(known), "oidc", flow.target)
    links.note_use(known, identity)
    return forget_browser(redirect(there, 303))


def _link(flow: ProviderFlow, identity: Identity) -> Response:
    if not signed_in() or current_member.id != flow.member_id:
        raise refusals.other_person(flow.provider.name)
    new = links.link(Member.get_by_id(current_member.id), flow.provider, identity)
    said = _("%(name)s opens your account now.") if new else _("%(name)s was linked already.")
    flash(said % {"name": flow.provider.name}, "good")
    return forget_browser(redirect(url_for("providers.linked"), 303))
