"""The Celery application. Workers only drain the outbox: the table is the truth, the broker a hint."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("razbor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
