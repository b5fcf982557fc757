from django.urls import path, re_path

from buffer.views import counts, lines, stores

app_name = "buffer"
# A store's number has a digit, so that it is never taken for another page under the same address.
_STORE = r"(?P<number>[A-Za-z-]*[0-9][A-Za-z0-9-]*)"
_LINE = rf"{_STORE}/artikel/(?P<pk>[0-9]{{1,18}})"
_COUNT = "inventering/<uuid:public_id>/"
urlpatterns = [
    path("", stores.store_list, name="stores"),
    path(_COUNT, counts.count, name="count"),
    path(f"{_COUNT}rad/<int:pk>/", counts.enter, name="enter"),
    path(f"{_COUNT}skillnader/", counts.differences, name="differences"),
    path(f"{_COUNT}avbryt/", counts.cancel, name="cancel_count"),
    re_path(rf"^{_STORE}/$", stores.store, name="store"),
    re_path(rf"^{_STORE}/inte-registrerade/$", stores.unregistered, name="unregistered"),
    re_path(rf"^{_STORE}/siffror/$", stores.in_numbers, name="figures"),
    re_path(rf"^{_STORE}/excel/$", stores.export, name="export"),
    re_path(rf"^{_STORE}/pausa/$", stores.pause, name="pause"),
    re_path(rf"^{_STORE}/fortsatt/$", stores.resume, name="resume"),
    re_path(rf"^{_STORE}/inventeringar/$", counts.count_list, name="counts"),
    re_path(rf"^{_STORE}/inventera/$", counts.start, name="start_count"),
    re_path(rf"^{_STORE}/ny-artikel/$", lines.add, name="add"),
    re_path(rf"^{_LINE}/$", lines.line, name="line"),
    re_path(rf"^{_LINE}/nivaer/$", lines.set_levels, name="levels"),
    re_path(rf"^{_LINE}/flytta/$", lines.transfer, name="transfer"),
    re_path(rf"^{_LINE}/(?P<way>kassera|forkommet|aterfunnet)/$", lines.correct, name="correct"),
]
