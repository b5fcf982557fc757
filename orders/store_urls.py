"""Addresses under /buffertforrad/ of what is ordered to a store, taken from it and given back to it. They stand before those of `buffer`."""

from django.urls import path, re_path

from orders.views import receiving, returns, stock_drafts, stock_lists, stock_orders, top_ups, withdrawals

app_name = "stock"
_NUMBER = r"bestallningar/(?P<number>L-[0-9]{4}-[0-9]{8}-[0-9])"
# As in buffer/urls.py: a store's number has a digit, so that it is never taken for another page under the same address.
_STORE = r"(?P<store>[A-Za-z-]*[0-9][A-Za-z0-9-]*)"
_DRAFT = "bestallningar/utkast/<uuid:public_id>/"
urlpatterns = [
    path("uttag/", withdrawals.choose, name="choose"),
    path("uttag/till/<uuid:public_id>/", withdrawals.to_patient, name="to_patient"),
    re_path(rf"^{_STORE}/uttag/$", withdrawals.withdraw, name="withdraw"),
    re_path(rf"^{_STORE}/uttag/artiklar/$", withdrawals.articles, name="withdraw_articles"),
    re_path(rf"^{_STORE}/uttag/(?P<press>[0-9a-f-]{{36}})/$", withdrawals.done, name="withdrawn"),
    path("aterlamning/<uuid:public_id>/", returns.give_back, name="give_back"),
    re_path(rf"^{_STORE}/pafyllning/$", top_ups.top_ups, name="top_ups"),
    re_path(rf"^{_STORE}/pafyllning/(?P<pk>[0-9]{{1,18}})/slapp/$", top_ups.release, name="release"),
    re_path(rf"^{_STORE}/bestall/$", stock_drafts.start, name="start"),
    path("bestallningar/", stock_lists.order_list, name="list"),
    path("bestallningar/utkast/", stock_lists.draft_list, name="drafts"),
    path(_DRAFT, stock_drafts.draft, name="draft"),
    path(f"{_DRAFT}artiklar/", stock_drafts.articles, name="articles"),
    path(f"{_DRAFT}granska/", stock_drafts.review, name="review"),
    path(f"{_DRAFT}skicka/", stock_drafts.send, name="send"),
    path(f"{_DRAFT}kasta/", stock_drafts.discard, name="discard"),
    path("bestallningar/ta-emot/", receiving.to_receive, name="to_receive"),
    re_path(rf"^{_NUMBER}/$", stock_orders.order, name="order"),
    re_path(rf"^{_NUMBER}/nytt/$", stock_orders.live, name="live"),
    re_path(rf"^{_NUMBER}/makulera/$", stock_orders.cancel, name="cancel"),
    re_path(rf"^{_NUMBER}/bestall-igen/$", stock_orders.again, name="again"),
    re_path(rf"^{_NUMBER}/foljesedel/(?P<pk>[0-9]{{1,18}})/$", stock_orders.note, name="note"),
    re_path(rf"^{_NUMBER}/ta-emot/(?P<pk>[0-9]{{1,18}})/$", receiving.receive, name="receive"),
    re_path(rf"^{_NUMBER}/ta-emot/$", receiving.receive_unannounced, name="receive_unannounced"),
]
