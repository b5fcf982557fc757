from django.urls import path, re_path

from pickups.views import lists, receipt_pages, receipts

app_name = "pickups"
_RECEIPT = r"kvitton/(?P<number>R-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.order_list, name="list"),
    path("kvitton/", receipt_pages.receipt_list, name="receipts"),
    path("kvitton/nytt/<uuid:patient_id>/", receipts.new, name="new_receipt"),
    re_path(rf"^{_RECEIPT}/$", receipt_pages.receipt, name="receipt"),
    re_path(rf"^{_RECEIPT}/ratta/$", receipts.correct, name="correct_receipt"),
    re_path(rf"^{_RECEIPT}/skickas/$", receipt_pages.progress, name="receipt_progress"),
    re_path(rf"^{_RECEIPT}/utskrift/$", receipt_pages.printout, name="print_receipt"),
    path("kvitton/<str:number>/fil/<uuid:attachment_id>/", receipt_pages.file, name="receipt_file"),
]
