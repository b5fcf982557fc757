from django.urls import path, re_path

from catalog.views import article, classes, favourites, lists, media

app_name = "catalog"
urlpatterns = [
    path("", lists.article_list, name="list"),
    path("katalog/", classes.top, name="classes"),
    re_path(r"^katalog/(?P<code>[0-9]{2}(?:[0-9]{2}){0,3})/$", classes.branch, name="class"),
    path("favoriter/", favourites.favourites, name="favourites"),
    path("<int:pk>/", article.article, name="article"),
    path("<int:pk>/historik/", article.history, name="history"),
    path("<int:pk>/favorit/", favourites.toggle, name="favourite"),
    path("<int:pk>/<slug:group>/", article.related, name="related"),
    re_path(r"^media/(?P<sha256>[0-9a-f]{64})$", media.media, name="media"),
]
