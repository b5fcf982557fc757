from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.permissions import public
from websesam import gallery, views

handler400 = "websesam.views.bad_request"
handler403 = "websesam.views.not_found"
handler404 = "websesam.views.not_found"
handler500 = "websesam.views.server_error"

urlpatterns = [
    path("", views.start, name="start"),
    path("besked/", views.notices, name="notices"),
    path("besked/last/", views.read_notices, name="read_notices"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("hjalp/", views.help_page, name="help"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("konto/", include("accounts.urls")),
    path("patienter/<uuid:public_id>/", views.patient, name="patient"),
    path("patienter/", include("patients.urls")),
    path("hjalpmedel/", include("catalog.urls")),
    path("bestallningar/", include("orders.urls")),
    path("api/sesam2/v1/", include("integration.urls")),
    path("api/sesam2/v1/recipients", views.recipients, name="recipients"),
    # One door: administrators log in as everybody does.
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:login", query_string=True)),
    path("admin/", admin.site.urls),
]
if settings.ENVIRONMENT != "production":
    urlpatterns.append(path("komponenter/", public(gallery.components), name="components"))
