"""Pages of wishlist."""

from flask import Blueprint

wishlist = Blueprint("wishlist", __name__)
