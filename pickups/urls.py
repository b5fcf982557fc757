from django.urls import path

from pickups.views import lists

app_name = "pickups"
urlpatterns = [
    path("", lists.order_list, name="list"),
]
