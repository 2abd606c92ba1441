"""The blueprint that every staff view belongs to."""

from flask import Blueprint

staff = Blueprint("staff", __name__, url_prefix="/staff")
