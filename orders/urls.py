from django.urls import path, re_path

from orders.views import approvals, attachments, basket, changes, drafts, lists, loans, orders, templates

app_name = "orders"
_NUMBER = r"(?P<number>[KU]-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", lists.order_list, name="list"),
    path("excel/", lists.export, name="export"),
    path("per-forskrivare/", lists.per_prescriber, name="per_prescriber"),
    path("utkast/", lists.draft_list, name="drafts"),
    path("andra-enheter/", lists.other_units, name="other_units"),
    path("andra-enheter/sluta/", lists.only_own_unit, name="only_own_unit"),
    path("lagg-till/<int:pk>/", basket.add_article, name="add_article"),
    path("ny/<uuid:patient_id>/", basket.start, name="start"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/artiklar/", drafts.articles, name="articles"),
    path("utkast/<uuid:public_id>/spara/", drafts.autosave, name="autosave"),
    path("utkast/<uuid:public_id>/mall/", templates.new_template, name="new_template"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    path("utkast/<uuid:public_id>/be-om-godkannande/", approvals.ask, name="ask"),
    path("godkannanden/", approvals.approval_list, name="approvals"),
    path("godkannanden/<uuid:public_id>/", approvals.approval, name="approval"),
    path("godkannanden/<uuid:public_id>/godkann/", approvals.approve, name="approve"),
    path("godkannanden/<uuid:public_id>/skicka-tillbaka/", approvals.send_back, name="send_back"),
    path("godkannanden/<uuid:public_id>/ta-tillbaka/", approvals.withdraw, name="withdraw"),
    path("mallar/", templates.template_list, name="templates"),
    path("mallar/<int:pk>/ta-bort/", templates.remove_template, name="remove_template"),
    path("bilagor/<uuid:attachment_id>/", attachments.attachment, name="attachment"),
    re_path(rf"^{_NUMBER}/$", orders.order, name="order"),
    re_path(rf"^{_NUMBER}/skickad/$", orders.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", changes.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/leverans/$", changes.delivery, name="delivery"),
    re_path(rf"^{_NUMBER}/utskrift/$", orders.printout, name="print"),
    re_path(rf"^{_NUMBER}/laneforbindelse/$", orders.agreement, name="agreement"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", orders.again, name="again"),
    re_path(rf"^{_NUMBER}/lan/$", loans.change_loan, name="change_loan"),
]
