from django.urls import path

from integration import views

app_name = "integration"
urlpatterns = [
    path("messages/<str:message_id>", views.message, name="message"),
]
