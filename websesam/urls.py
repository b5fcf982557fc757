from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.permissions import public
from websesam import gallery
from websesam.views import attachments, individuals, pages, patients, recipients

handler400 = "websesam.views.pages.bad_request"
handler403 = "websesam.views.pages.not_found"
handler404 = "websesam.views.pages.not_found"
handler500 = "websesam.views.pages.server_error"

urlpatterns = [
    path("", pages.start, name="start"),
    path("besked/", pages.notices, name="notices"),
    path("besked/last/", pages.read_notices, name="read_notices"),
    path("healthz", pages.healthz, name="healthz"),
    path("readyz", pages.readyz, name="readyz"),
    path("hjalp/", pages.help_page, name="help"),
    path("tillganglighet/", pages.accessibility, name="accessibility"),
    path("konto/", include("accounts.urls")),
    path("patienter/<uuid:public_id>/", patients.patient, name="patient"),
    path("patienter/<uuid:public_id>/aterlamnade/", patients.returned, name="returned"),
    path("patienter/", include("patients.urls")),
    path("individer/", individuals.find, name="find_individual"),
    path("individer/<path:number>/", individuals.individual, name="individual"),
    path("hjalpmedel/", include("catalog.urls")),
    path("bestallningar/", include("orders.urls")),
    path("arbetsorder/", include("workorders.urls")),
    path("hamtorder/", include("pickups.urls")),
    path("buffertforrad/", include("orders.store_urls")),
    path("buffertforrad/", include("buffer.urls")),
    path("felrapporter/", include("faultreports.urls")),
    path("fakturaunderlag/", include("billing.urls")),
    path("api/sesam2/v1/", include("integration.urls")),
    path("api/sesam2/v1/attachments/<uuid:attachment_id>", attachments.attachment, name="attachment"),
    path("api/sesam2/v1/recipients", recipients.recipients, name="recipients"),
    # One door: administrators log in as everybody does.
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:login", query_string=True)),
    path("admin/", admin.site.urls),
]
if settings.ENVIRONMENT != "production":
    urlpatterns.append(path("komponenter/", public(gallery.components), name="components"))
