from django.urls import path

from patients import views

app_name = "patients"
urlpatterns = [
    path("", views.find, name="find"),
    path("bekrafta/", views.confirm, name="confirm"),
    path("registrera/", views.register, name="register"),
    path("<uuid:public_id>/kontaktuppgifter/", views.details, name="details"),
]
