"""Joining and getting started."""
