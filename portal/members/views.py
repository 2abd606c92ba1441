"""Signing in, security and activity."""

from flask import Blueprint

members = Blueprint("members", __name__)
