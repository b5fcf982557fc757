from django.urls import path, re_path

from faultreports.views import guide, lists, reports

app_name = "faultreports"
_NUMBER = r"(?P<number>F-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.report_list, name="list"),
    path("ny/", guide.new, name="new"),
    path("ny/<uuid:patient_id>/om/", guide.about, name="about"),
    re_path(rf"^{_NUMBER}/$", reports.report, name="report"),
]
