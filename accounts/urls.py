from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("logga-in/", views.login, name="login"),
    path("logga-ut/", views.logout, name="logout"),
    path("uppdrag/", views.switch, name="switch"),
    path("arbete/<uuid:public_id>/", views.job, name="job"),
    path("arbete/<uuid:public_id>/nytt/", views.job_live, name="job_live"),
]
