"""The first question, and what follows from it."""

from django import forms

from core.forms import Form


class WhatForm(Form):
    """The first question. What somebody was, or could have been, harmed by is asked about first."""

    HARM, PRODUCT, DELIVERY, SERVICE, RETURNED, WORN, LOST = "skada", "produkt", "leverans", "tjanst", "aterlamnat", "slitet", "forkommet"
    galler = forms.ChoiceField(
        label="Vad vill du rapportera?",
        choices=[
            (HARM, "Någon har skadats, eller kunde ha skadats"),
            (PRODUCT, "Ett hjälpmedel är felaktigt"),
            (DELIVERY, "En leverans är fel eller sen"),
            (SERVICE, "En tjänst som centralen har utfört är inte bra"),
            (RETURNED, "Ett hjälpmedel är återlämnat men inte avregistrerat"),
            (WORN, "Ett hjälpmedel är slitet eller behöver lagas"),
            (LOST, "Ett hjälpmedel är borta"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Välj vad det gäller."},
    )
