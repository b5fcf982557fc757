"""A draft saved as a beställningsmall."""

from django import forms

from core.forms import Form, TextField


class TemplateForm(Form):
    name = TextField(label="Mallens namn", max_length=60, help_text="Till exempel ”Rullstol med bord”. Skriv inget om patienten.")
    scope = forms.ChoiceField(
        label="Vem får använda mallen?", choices=[("me", "Bara jag"), ("unit", "Alla på enheten")], initial="me", widget=forms.RadioSelect
    )
