"""The blueprint of passwords, second factors and recovery codes."""

from flask import Blueprint

factors = Blueprint("factors", __name__)
