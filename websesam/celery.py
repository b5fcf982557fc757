"""The Celery application. Tasks take ids, never personal data (docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "websesam.settings")

app = Celery("websesam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
