from django.urls import URLPattern

app_name = "faultreports"

urlpatterns: list[URLPattern] = []
