"""Pages of orders."""

from flask import Blueprint

orders = Blueprint("orders", __name__, url_prefix="/account/orders")
