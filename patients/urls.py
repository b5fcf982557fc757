from django.urls import path

from patients.views import details, find, identities

app_name = "patients"
_PATIENT = "<uuid:public_id>/"
urlpatterns = [
    path("", find.find, name="find"),
    path("bekrafta/", find.confirm, name="confirm"),
    path("registrera/", find.register, name="register"),
    path(f"{_PATIENT}kontaktuppgifter/", details.details, name="details"),
    path(f"{_PATIENT}kontaktpersoner/ny/", details.add_contact, name="add_contact"),
    path(f"{_PATIENT}kontaktpersoner/<int:pk>/", details.change_contact, name="change_contact"),
    path(f"{_PATIENT}kontaktpersoner/<int:pk>/avsluta/", details.end_contact, name="end_contact"),
    path(f"{_PATIENT}nummer/", identities.change_identity, name="change_identity"),
    path(f"{_PATIENT}lma-kort/", identities.prolong_lma, name="prolong_lma"),
    path(f"{_PATIENT}andringar/<int:pk>/angra/", identities.undo, name="undo"),
    path(f"{_PATIENT}sla-ihop/", identities.find_other, name="find_other"),
    path(f"{_PATIENT}sla-ihop/<uuid:other_id>/", identities.merge, name="merge"),
    path(f"{_PATIENT}betalare/", identities.change_payer, name="change_payer"),
]
