"""A member's security questions: chosen, chosen anew, removed; only where the shop has them on."""

from flask import abort, url_for
from werkzeug.wrappers import Response

from portal.lib.htmx import done, page
from portal.lib.refused import Refused
from portal.lib.text import _
from portal.members.sudo import fresh
from portal.members.views.blueprint import limit
from portal.recovery import questions
from portal.recovery.forms import QuestionsForm
from portal.recovery.views.blueprint import me, recovery


@recovery.get("/account/security/questions", endpoint="questions")
@fresh
def show() -> Response:
    """Which questions are asked, never their answers, and a form for three new ones."""
    _on()
    return _show(QuestionsForm(None))


@recovery.post("/account/security/questions")
@fresh
def set_questions() -> Response:
    """Keep three questions in place of earlier ones."""
    _on()
    form = QuestionsForm()
    if not form.validate():
        return _show(form, 422)
    limit("codes.make", str(me().id))
    try:
        questions.keep(me(), form.chosen())
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _show(form, refused.status)
    return done(_("Your questions are kept."), go_to=url_for("members.security"))


@recovery.post("/account/security/questions/remove")
@fresh
def remove_questions() -> Response:
    """Nothing asks for them any more."""
    _on()
    gone = questions.remove(me())
    return done(
        _("Your questions are removed.") if gone else _("There were none."),
        go_to=url_for("members.security"),
    )


def _on() -> None:
    if not questions.are_on():
        abort(404)


def _show(form: QuestionsForm, status: int = 200) -> Response:
    return page("recovery/questions.html", status, form=form, known=questions.of(me()))
