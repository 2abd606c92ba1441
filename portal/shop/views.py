"""The shop's colour and logo, as files that pages link to."""

from flask import Blueprint

shop = Blueprint("shop", __name__)
