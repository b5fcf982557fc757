from django.urls import path, re_path

from workorders.views import drafts, guide, lists, orders

app_name = "workorders"
_NUMBER = r"(?P<number>A-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.order_list, name="list"),
    path("excel/", lists.export, name="export"),
    path("planerade/", lists.planned, name="planned"),
    path("utkast/", lists.draft_list, name="drafts"),
    path("andra-enheter/", lists.other_units, name="other_units"),
    path("andra-enheter/sluta/", lists.only_own_unit, name="only_own_unit"),
    path("individ/", guide.individual, name="individual"),
    path("ny/<uuid:patient_id>/", guide.need, name="guide"),
    path("ny/<uuid:patient_id>/borja/", guide.start, name="start"),
    path("ny/<uuid:patient_id>/om/", guide.about, name="about"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    path("utkast/<uuid:public_id>/bilaga/<uuid:attachment_id>/", drafts.attachment, name="attachment"),
    re_path(rf"^{_NUMBER}/$", orders.order, name="order"),
    re_path(rf"^{_NUMBER}/skickad/$", orders.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", orders.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/kostnadsforslag/$", orders.proposal, name="proposal"),
    re_path(rf"^{_NUMBER}/utskrift/$", orders.printout, name="print"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", orders.again, name="again"),
]
