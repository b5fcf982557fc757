from django.urls import path, re_path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.article_list, name="list"),
    path("<int:pk>/", views.article, name="article"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})$", views.media, name="media"),
]
