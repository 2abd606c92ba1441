"""The saved things: the list and its deeds, and the page that the shop's own pages link to."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from portal.catalog.models import Product
from portal.lib.forms import whole_number
from portal.lib.guard import current_member, find_or_404
from portal.lib.htmx import asked, done, page, partial
from portal.lib.text import _
from portal.lib.throttle import limit
from portal.wishlist import events as _events  # noqa: F401
from portal.wishlist.forms import NoteForm
from portal.wishlist.listing import find_product, saved
from portal.wishlist.models import WishlistItem

wishlist = Blueprint("wishlist", __name__)


@wishlist.get("/account/wishlists")
def index() -> Response:
    """Everything that is saved, in the member's own order; `?note=` opens one thing's note."""
    noted = whole_number(request.args.get("note")) or 0
    show, name = (partial, "wishlist/_list.html") if asked() else (page, "wishlist/list.html")
    return show(name, **_list(noted=noted))


@wishlist.get("/wishlist/add")
def ask() -> Response:
    """What a link on the shop's pages opens: the product, and a button that saves it."""
    product = _asked_for(request.args)
    return page("wishlist/add.html", 200 if product else 404, product=product)


@wishlist.post("/wishlist/add")
def add() -> BaseResponse:
    """Save a product; saving it twice changes nothing."""
    product = _asked_for(request.form)
    if product is None:
        return page("wishlist/add.html", 404, product=None)
    member = current_member._get_current_object()
    limit("wishlist.add", member.number)
    new = WishlistItem.keep(member, product)
    words = _("Saved: %(title)s.") if new else _("%(title)s is on your list already.")
    return done(words % {"title": product.title}, go_to=url_for("wishlist.index"))


@wishlist.post("/account/wishlists/items/<int:item_id>/note")
def note(item_id: int) -> BaseResponse:
    """Write a note beside a saved thing."""
    item, form = _mine(item_id), NoteForm()
    if not form.validate():
        show, name = (partial, "wishlist/_list.html") if asked() else (page, "wishlist/list.html")
        return show(name, 422, **_list(noted=item.id, form=form))
    item.write_note(form.note.data or "")
    return _changed(_("Noted.") if form.note.data else _("The note is gone."))


@wishlist.post("/account/wishlists/items/<int:item_id>/move")
def move(item_id: int) -> BaseResponse:
    """Change places with the thing above or below."""
    item = _mine(item_id)
    shown_at = whole_number(request.form.get("at"))
    step = {"up": -1, "down": 1}.get(request.form.get("to", ""))
    if step and shown_at is not None:
        item.move(step, shown_at)
    return _changed("")


@wishlist.post("/account/wishlists/items/<int:item_id>/remove")
def remove(item_id: int) -> BaseResponse:
    """Take a thing off the list; the notice offers to undo it."""
    item = _mine(item_id)
    if not item.remove():
        return _changed("")
    return _changed(Markup(render_template("wishlist/_removed.html", item=item)))


@wishlist.post("/account/wishlists/items/<int:item_id>/restore")
def restore(item_id: int) -> BaseResponse:
    """Undo a removal."""
    item = _mine(item_id)
    item.restore()
    return _changed(_("%(title)s is back.", title=item.title))


def _mine(item_id: int) -> WishlistItem:
    item: WishlistItem = find_or_404(current_member.wishlist_items, WishlistItem.id == item_id)
    return item


def _asked_for(values: Any) -> Product | None:
    sku, shop = values.get("sku", "").strip()[:200], values.get("shop", "").strip()[:60]
    return find_product(sku, shop) if sku and (sku + shop).isprintable() else None


def _list(noted: int = 0, form: NoteForm | None = None) -> dict[str, Any]:
    return {"items": saved(current_member), "noted": noted, "form": form or NoteForm(formdata=None)}


def _changed(notice: str) -> BaseResponse:
    return done(notice, show="wishlist/_list.html", go_to=url_for("wishlist.index"), **_list())
