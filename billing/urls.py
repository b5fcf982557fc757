from django.urls import path

from billing.views import bases, files, findings, lines

app_name = "billing"
urlpatterns = [
    path("", bases.basis_list, name="list"),
    path("<uuid:public_id>/", bases.basis, name="basis"),
    path("<uuid:public_id>/nytt/", bases.live, name="live"),
    path("<uuid:public_id>/hamta-igen/", bases.retry, name="retry"),
    path("<uuid:public_id>/andringar/", bases.changes, name="changes"),
    path("<uuid:public_id>/rader/", lines.line_list, name="lines"),
    path("<uuid:public_id>/rader/<int:number>/", lines.line, name="line"),
    path("<uuid:public_id>/kontroller/", findings.finding_list, name="findings"),
    path("<uuid:public_id>/kontroller/<int:pk>/", findings.finding, name="finding"),
    path("<uuid:public_id>/fil/", files.new_file, name="new_file"),
    path("<uuid:public_id>/fil/<uuid:file_id>/", files.file, name="file"),
]
