"""Regulars: the account area that a small shop gives its regular customers."""

import logging
import uuid
from datetime import timedelta
from http import HTTPStatus

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from peewee import DatabaseError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.account.views import account
from portal.cards.views import cards
from portal.claims.views import claims
from portal.config import ROOT, Config, read_config
from portal.duplicates import reactions as _duplicates_reactions  # noqa: F401
from portal.factors.views import factors
from portal.joining.views import joining
from portal.lib import assets, dates, guard, htmx, jobs, money, text
from portal.lib.compress import compress
from portal.lib.csrf import MaskedCSRF
from portal.lib.db import db, is_sqlite, is_trouble, open_database
from portal.lib.refused import Refused, TooMany
from portal.loyalty import reactions as _loyalty_reactions  # noqa: F401
from portal.loyalty.views import loyalty
from portal.members import incidents
from portal.members.models import signed_in
from portal.members.views import members
from portal.orders.views import orders
from portal.payments.views import payments
from portal.profiles.views import profiles
from portal.providers.views import providers
from portal.recovery.views import recovery
from portal.risk.views import risk
from portal.shop.models import Settings, settings
from portal.shop.views import shop
from portal.staff.views import staff
from portal.wishlist.views import wishlist

log = logging.getLogger("portal")

BLUEPRINTS = (
    shop, members, factors, recovery, providers, profiles, orders, payments, wishlist,
    loyalty, joining, claims, cards, risk, account, staff,
)  # fmt: skip

#: What the guard refuses, and the incident that it is.
REFUSALS: dict[type, str] = {guard.NoRight: "no_right", guard.NotTheirs: "not_theirs"}

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; connect-src 'self'; "
    "form-action %s; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def create_app(config: Config | None = None) -> Flask:
    """The whole app on the database that the configuration names."""
    config = config or read_config()
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=None,
        instance_path=str(config.instance.resolve()),
    )
    _configure(app, config)
    jobs.huey.attach(open_database(config.database_url))
    htmx.init(app)
    MaskedCSRF(app)
    guard.init(app, signed_in, "members.sign_in")
    incidents.init(app)
    _connect(app)
    _teach_templates(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", "health", guard.public(_health))
    _answer_errors(app)
    app.after_request(compress)
    app.after_request(_harden)
    assets.init(app, ROOT / "static")
    return app


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        PORTAL=config,
        BASE_URL=config.base_url,
        RP_ID=config.rp_id,
        MAIL_URL=config.mail_url,
        SMS_URL=config.sms_url,
        BOUNCES_URL=config.bounces_url,
        GEO_DATABASE=config.geo_database,
        MAIL_FROM=config.mail_from,
        MAIL_FROM_NAME=lambda: settings().name,
        DEMO=config.demo,
        LOCAL_PROVIDERS=config.local_providers,
        SESSION_COOKIE_NAME="__Host-session" if config.https else "session",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        SESSION_REFRESH_EACH_REQUEST=False,  # the row on the server says how long it lives
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def _connect(app: Flask) -> None:
    """A connection for each request; on SQLite the thread keeps it, since opening is dear."""

    @app.before_request
    def open_connection() -> None:
        db.connect(reuse_if_open=True)

    # The guard registered its check first; reading the session needs the connection.
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop())

    @app.teardown_request
    def close_connection(_error: BaseException | None) -> None:
        if not is_sqlite() and not db.is_closed() and not db.in_transaction():
            db.close()


def _teach_templates(app: Flask) -> None:
    dates.use_zone(lambda: settings().timezone)
    env = app.jinja_env
    env.auto_reload = False
    env.filters.update(
        money=money.format_money,
        day=dates.day,
        clock=dates.clock_time,
        when=dates.when,
        iso=dates.iso,
    )
    env.globals.update(
        _=text._,
        ngettext=text.ngettext,
        current_member=guard.current_member,
        DEMO=app.config["DEMO"],
    )

    @app.context_processor
    def who_and_where() -> dict[str, object]:
        known = {"current_member": g.member} if "member" in g else {}
        try:
            return {"shop": settings(), **known}
        except DatabaseError:  # the page that says so must not need the database itself
            return {"shop": Settings(), **known}


def _health() -> tuple[str, dict[str, str]]:
    """Whether this process reaches its database, for the supervisor and a proxy."""
    db.execute_sql("SELECT 1")
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}


def _harden(response: Response) -> Response:
    forms = " ".join(("'self'", *g.get("form_action", ())))  # a page's buttons may lead away
    response.headers.setdefault("Content-Security-Policy", CSP % forms)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[str, int]:
        incidents.note("forged")
        return _error_page(403, text._(
            "This page was open for too long or in two places. Go back, reload it and send again; "
            "nothing was changed."
        ))  # fmt: skip

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> tuple[str, int, dict[str, str]]:
        return (*_error_page(429, error.sentence), {"Retry-After": str(error.retry_after)})

    @app.errorhandler(Refused)  # portal/risk/views.py answers NotNow
    def refused(error: Refused) -> tuple[str, int]:
        return _error_page(error.status, error.sentence)

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> tuple[str, int, dict[str, str]] | tuple[str, int]:
        if not is_trouble(error):
            return bug(error)
        log.error("the database did not answer: %s", error)
        return (*_error_page(503, _no_write(str(error)), again=_typed()), {"Retry-After": "5"})

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response | tuple[str, int, dict[str, str]]:
        if error.code is None or error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        if kind := REFUSALS.get(type(error)):
            incidents.note(kind)
        allowed = getattr(error, "valid_methods", None)  # of a 405
        return *_error_page(error.code, ""), {"Allow": ", ".join(allowed)} if allowed else {}

    @app.errorhandler(Exception)
    def bug(error: Exception) -> tuple[str, int]:
        reference = uuid.uuid4().hex[:8]
        # The rule, never the path: some paths are secrets.
        log.error("bug %s at %s %s", reference, request.method, request.url_rule, exc_info=error)
        return _error_page(500, "", reference)


def _no_write(error: str) -> str:
    """Why nothing can be kept at the moment, for the person who wanted to."""
    if "disk" in error or "No space left" in error:
        return text._(
            "The shop can show everything, but can’t keep anything new until somebody has looked "
            "after its disk. Nothing was lost."
        )
    return text._("The shop is busy for a moment. Nothing was lost; please try again.")


def _typed() -> list[tuple[str, str]]:
    """What was typed into the form that could not be kept, so that it can be sent again."""
    if request.method != "POST" or htmx.asked() or request.files:
        return []
    return list(request.form.items(multi=True))


def _error_page(
    status: int, sentence: str, reference: str = "", again: list[tuple[str, str]] | None = None
) -> tuple[str, int]:
    g.error_status = status
    name = HTTPStatus(status).phrase
    values = {"status": status, "sentence": sentence, "reference": reference, "name": name}
    return render_template("errors/error.html", **values, again=again), status
