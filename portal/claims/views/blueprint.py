"""The blueprint of finding and claiming orders."""

from flask import Blueprint

claims = Blueprint("claims", __name__)
