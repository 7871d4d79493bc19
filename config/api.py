"""The API, assembled from the apps; everything under `/api/v1/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
