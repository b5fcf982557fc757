from django.urls import path, re_path

from faultreports.views import drafts, follow_up, guide, lists, recall, reports

app_name = "faultreports"
_NUMBER = r"(?P<number>F-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.report_list, name="list"),
    path("excel/", lists.export, name="export"),
    path("utkast/", lists.draft_list, name="drafts"),
    path("uppfoljning/", follow_up.statistics, name="statistics"),
    path("aterkallelse/", recall.search, name="recall"),
    path("aterkallelse/excel/", recall.export, name="recall_export"),
    path("ny/", guide.new, name="new"),
    path("ny/borja/", guide.start, name="start"),
    path("ny/<uuid:patient_id>/om/", guide.about, name="about"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    path("utkast/<uuid:public_id>/bilaga/<uuid:attachment_id>/", drafts.attachment, name="attachment"),
    re_path(rf"^{_NUMBER}/$", reports.report, name="report"),
    re_path(rf"^{_NUMBER}/skickad/$", reports.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", reports.live, name="live"),
    re_path(rf"^{_NUMBER}/utskrift/$", reports.printout, name="print"),
    re_path(rf"^{_NUMBER}/lakemedelsverket/$", reports.authority, name="authority"),
    re_path(rf"^{_NUMBER}/hav-utredning/$", reports.release, name="release"),
    re_path(rf"^{_NUMBER}/aterfunnet/$", reports.found, name="found"),
]
