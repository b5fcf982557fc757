from django.urls import path, re_path

from pickups.views import begin, drafts, lists, orders

app_name = "pickups"
_NUMBER = r"(?P<number>H-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.order_list, name="list"),
    path("excel/", lists.export, name="export"),
    path("vecka/", lists.week, name="week"),
    path("utkast/", lists.draft_list, name="drafts"),
    path("andra-enheter/", lists.other_units, name="other_units"),
    path("andra-enheter/sluta/", lists.only_own_unit, name="only_own_unit"),
    path("individ/", begin.individual, name="individual"),
    path("ny/<uuid:patient_id>/", begin.start, name="start"),
    path("ny/<uuid:patient_id>/om/", begin.about, name="about"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    re_path(rf"^{_NUMBER}/$", orders.order, name="order"),
    re_path(rf"^{_NUMBER}/skickad/$", orders.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", orders.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/plats/$", orders.place, name="place"),
    re_path(rf"^{_NUMBER}/retursedel/$", orders.printout, name="print"),
    re_path(rf"^{_NUMBER}/saknas/(?P<line>[0-9]{{1,6}})/$", orders.report_missing, name="report_missing"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", orders.again, name="again"),
]
