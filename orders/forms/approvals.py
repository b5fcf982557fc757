"""What is written when an order must be approved."""

from core.forms import Form, TextField


class JustificationForm(Form):
    justification = TextField(
        label="Motivering",
        multiline=True,
        rows=3,
        max_length=500,
        help_text="Högst 500 tecken. Varför patienten behöver just det här hjälpmedlet.",
    )


class SendBackForm(Form):
    note = TextField(
        label="Varför skickar du tillbaka beställningen?", multiline=True, rows=3, max_length=500, help_text="Högst 500 tecken. Beställaren läser det."
    )
