"""Wires everything: settings, URLs, API root, background work, menu."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
