from django.urls import URLPattern

app_name = "buffer"

urlpatterns: list[URLPattern] = []
