from django.urls import path, re_path

from pickups.views import begin, drafts, lists, orders, receipt_pages, receipts, stores

app_name = "pickups"
_RECEIPT = r"kvitton/(?P<number>R-[0-9]{4}-[0-9]{8}-[0-9])"
_NUMBER = r"(?P<number>H-[0-9]{4}-[0-9]{8}-[0-9])"
_RECEIPT = r"kvitton/(?P<number>R-[0-9]{4}-[0-9]{8}-[0-9])"
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
    re_path(r"^levererat/(?P<number>K-[0-9]{4}-[0-9]{8}-[0-9])/$", begin.delivered, name="delivered"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    path("forrad/", stores.order_list, name="store_list"),
    path("forrad/ny/<str:store>/", stores.start, name="store_start"),
    path("forrad/utkast/<uuid:public_id>/", stores.draft, name="store_draft"),
    path("forrad/utkast/<uuid:public_id>/kasta/", stores.discard, name="store_discard"),
    re_path(rf"^forrad/{_NUMBER}/$", stores.order, name="store_order"),
    re_path(rf"^forrad/{_NUMBER}/retursedel/$", stores.printout, name="store_print"),
    re_path(rf"^forrad/{_NUMBER}/makulera/$", stores.cancel, name="store_cancel"),
    re_path(rf"^forrad/{_NUMBER}/bestall-igen/$", stores.again, name="store_again"),
    re_path(rf"^{_NUMBER}/$", orders.order, name="order"),
    re_path(rf"^{_NUMBER}/skickad/$", orders.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", orders.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/plats/$", orders.place, name="place"),
    re_path(rf"^{_NUMBER}/retursedel/$", orders.printout, name="print"),
    re_path(rf"^{_NUMBER}/saknas/(?P<line>[0-9]{{1,6}})/$", orders.report_missing, name="report_missing"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", orders.again, name="again"),
    path("kvitton/", receipt_pages.receipt_list, name="receipts"),
    path("kvitton/nytt/<uuid:patient_id>/", receipts.new, name="new_receipt"),
    re_path(rf"^{_RECEIPT}/$", receipt_pages.receipt, name="receipt"),
    re_path(rf"^{_RECEIPT}/ratta/$", receipts.correct, name="correct_receipt"),
    re_path(rf"^{_RECEIPT}/skickas/$", receipt_pages.progress, name="receipt_progress"),
    re_path(rf"^{_RECEIPT}/utskrift/$", receipt_pages.printout, name="print_receipt"),
    path("kvitton/<str:number>/fil/<uuid:attachment_id>/", receipt_pages.file, name="receipt_file"),
]
