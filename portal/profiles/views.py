"""Pages of profiles."""

from flask import Blueprint

profiles = Blueprint("profiles", __name__)
