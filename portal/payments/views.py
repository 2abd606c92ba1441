"""Pages of payments."""

from flask import Blueprint

payments = Blueprint("payments", __name__, url_prefix="/account/payments")
