"""Pages of loyalty."""

from flask import Blueprint

loyalty = Blueprint("loyalty", __name__, url_prefix="/account/points")
