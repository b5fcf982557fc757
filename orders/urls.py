from django.urls import path, re_path

from orders.views import approvals, basket, drafts, orders

app_name = "orders"
_NUMBER = r"(?P<number>K-[0-9]{4}-[0-9]{8}-[0-9])"
urlpatterns = [
    path("", orders.order_list, name="list"),
    path("lagg-till/<int:pk>/", basket.add_article, name="add_article"),
    path("ny/<uuid:patient_id>/", basket.start, name="start"),
    path("utkast/<uuid:public_id>/", drafts.draft, name="draft"),
    path("utkast/<uuid:public_id>/artiklar/", drafts.articles, name="articles"),
    path("utkast/<uuid:public_id>/granska/", drafts.review, name="review"),
    path("utkast/<uuid:public_id>/skicka/", drafts.send, name="send"),
    path("utkast/<uuid:public_id>/kasta/", drafts.discard, name="discard"),
    path("utkast/<uuid:public_id>/be-om-godkannande/", approvals.ask, name="ask"),
    path("godkannanden/", approvals.approval_list, name="approvals"),
    path("godkannanden/<uuid:public_id>/", approvals.approval, name="approval"),
    path("godkannanden/<uuid:public_id>/godkann/", approvals.approve, name="approve"),
    path("godkannanden/<uuid:public_id>/skicka-tillbaka/", approvals.send_back, name="send_back"),
    path("godkannanden/<uuid:public_id>/ta-tillbaka/", approvals.withdraw, name="withdraw"),
    re_path(rf"^{_NUMBER}/$", orders.order, name="order"),
    re_path(rf"^{_NUMBER}/skickad/$", orders.sent, name="sent"),
    re_path(rf"^{_NUMBER}/nytt/$", orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", orders.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", orders.again, name="again"),
]
