"""The fields that all forms use, and the markup that ties label, hint and error to them."""

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.core.exceptions import ValidationError
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from core.forms import DateField, Form, PhoneField, PostcodeField, QuantityField, TextField, clean_text, parse_date

TODAY = datetime.date(2026, 11, 22)


class Example(Form):
    street = TextField(label="Gatuadress", help_text="Där patienten vistas.", max_length=10)
    phone = PhoneField(label="Telefon", required=False)
    quantity = QuantityField(label="Antal", required=False)
    delivery = forms.ChoiceField(label="Leverans", choices=[("home", "Hem"), ("unit", "Enheten")], widget=forms.RadioSelect, help_text="Välj en.")
    relation = forms.BooleanField(label="Jag har en vårdrelation")
    message = TextField(label="Meddelande", multiline=True, required=False)


def soup(form: Form) -> BeautifulSoup:
    return BeautifulSoup(str(form), "html.parser")


def refused(field: forms.Field, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return str(caught.value.messages[0])


# --- Text ------------------------------------------------------------------------------------------


def test_text_is_stored_composed_and_without_spaces_at_its_ends() -> None:
    assert TextField().clean("  A\u030ake  ") == "Åke"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\ud800"])
def test_text_with_an_invisible_character_is_refused_with_what_to_do(character: str) -> None:
    assert "Skriv om texten" in refused(TextField(), f"a{character}b")


def test_several_lines_are_kept_only_where_they_belong() -> None:
    assert TextField(multiline=True).clean("Ring\r\ninnan\rni\nkommer") == "Ring\ninnan\nni\nkommer"
    assert refused(TextField(), "Ring\ninnan") == "Skriv texten på en rad."


def test_a_text_of_only_blanks_counts_as_not_filled_in() -> None:
    class One(Form):
        name = TextField(label="Namn")

    assert One({"name": " \t "}).errors == {"name": ["Fyll i ”Namn”."]}


def test_the_length_is_counted_in_characters_as_stored() -> None:
    assert Example({"street": "A\u030a" * 10}).errors.get("street") is None
    assert Example({"street": "Å" * 11}).errors["street"] == ["Korta texten till högst 10 tecken. Nu är den 11."]


@given(st.text())
def test_whatever_is_written_is_either_refused_or_clean(text: str) -> None:
    try:
        cleaned = clean_text(text, multiline=True)
    except ValidationError:
        return
    assert clean_text(cleaned, multiline=True) == cleaned


# --- Date ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-26", datetime.date(2026, 11, 26)),
        (" 20261126 ", datetime.date(2026, 11, 26)),
        ("26/11", datetime.date(2026, 11, 26)),
        ("22/11", TODAY),
        ("21/11", datetime.date(2027, 11, 21)),
        ("29/2", datetime.date(2028, 2, 29)),
        ("1.12", datetime.date(2026, 12, 1)),
        ("26/11 2027", datetime.date(2027, 11, 26)),
    ],
)
def test_a_date_is_read_as_swedes_write_it(written: str, meant: datetime.date) -> None:
    assert parse_date(written, today=TODAY) == meant


def test_a_day_without_a_year_is_the_last_one_in_a_search() -> None:
    assert parse_date("26/11", today=TODAY, coming=False) == datetime.date(2025, 11, 26)
    assert parse_date("22/11", today=TODAY, coming=False) == TODAY
    assert parse_date("29/2", today=TODAY, coming=False) == datetime.date(2024, 2, 29)


@pytest.mark.parametrize("written", ["2026-02-30", "31/2", "261126", "i morgon", "2026-13-01", "0001-01-01", "9999-12-31", "２０２６-11-26"])
def test_an_impossible_date_is_refused_with_an_example(written: str) -> None:
    assert refused(DateField(), written) == "Skriv datumet som åååå-mm-dd, till exempel 2026-11-26."


def test_a_date_picker_of_the_browser_works_too() -> None:
    assert DateField(widget=forms.DateInput(attrs={"type": "date"})).clean("2026-11-26") == datetime.date(2026, 11, 26)


# --- Phone, postcode, quantity ---------------------------------------------------------------------


@pytest.mark.parametrize("written", ["070-174 06 05", "0701740605", "+46 70 174 06 05", "0046701740605", "(070) 1740605"])
def test_a_phone_number_is_stored_as_e164(written: str) -> None:
    assert PhoneField().clean(written) == "+46701740605"


def test_a_foreign_number_keeps_its_country() -> None:
    assert PhoneField().clean("+47 22 34 56 78") == "+4722345678"


@pytest.mark.parametrize("written", ["12", "070", "ring mig", "112233445566778899", "070-174 06 05 anknytning 3"])
def test_what_is_no_phone_number_is_refused_with_an_example(written: str) -> None:
    assert "070-174 06 05" in refused(PhoneField(), written)


@pytest.mark.parametrize("written", ["44130", "441 30", "441\u00a030", "SE-441 30", "se44130", "S-44130"])
def test_a_postcode_is_stored_as_five_digits(written: str) -> None:
    assert PostcodeField().clean(written) == "44130"


@pytest.mark.parametrize("written", ["04130", "4413", "441300", "441 3O", "４４１３０"])
def test_what_is_no_postcode_is_refused(written: str) -> None:
    assert refused(PostcodeField(), written) == "Skriv postnumret med fem siffror, till exempel 441 30."


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("0", "Skriv 1 eller mer."),
        ("-1", "Skriv 1 eller mer."),
        ("1000000000", "Skriv 999 eller mindre."),
        ("9" * 5000, "Skriv ett heltal, till exempel 2."),
        ("2,5", "Skriv ett heltal, till exempel 2."),
        ("1_0", "Skriv ett heltal, till exempel 2."),
        ("٢", "Skriv ett heltal, till exempel 2."),
    ],
)
def test_an_impossible_quantity_is_refused_in_swedish(written: str, text: str) -> None:
    assert Example({"quantity": written}).errors["quantity"] == [text]


def test_stored_values_are_shown_again_as_people_write_them() -> None:
    class Address(Form):
        postcode = PostcodeField(label="Postnummer")
        phone = PhoneField(label="Telefon")

    form = Address(initial={"postcode": "44130", "phone": "+46701740605"})
    assert form["postcode"].as_widget().count('value="441 30"') == 1
    assert form["phone"].as_widget().count('value="070-174 06 05"') == 1


# --- Markup ----------------------------------------------------------------------------------------


def test_a_field_names_its_hint_and_its_error_for_screen_readers() -> None:
    page = soup(Example({}))
    control = page.select_one("#id_street")
    assert control is not None
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "id_street_helptext id_street_error"
    assert [page.find(id=name).get_text(strip=True) for name in control["aria-describedby"].split()] == ["Där patienten vistas.", "Fyll i ”Gatuadress”."]
    assert page.select_one('label[for="id_street"]').get_text(strip=True) == "Gatuadress"


def test_a_group_of_choices_stands_in_a_fieldset_with_its_legend_hint_and_error() -> None:
    group = soup(Example({})).select_one("fieldset")
    assert group is not None
    assert group.legend.get_text(strip=True) == "Leverans"
    assert group["aria-describedby"] == "id_delivery_helptext id_delivery_error"
    assert [label["for"] for label in group.select("label")] == ["id_delivery_0", "id_delivery_1"]
    assert group.find(id="id_delivery_error").get_text(strip=True) == "Välj ett alternativ för ”Leverans”."


def test_a_lone_checkbox_has_its_label_after_it() -> None:
    page = soup(Example({}))
    assert page.select_one("#id_relation + label").get_text(strip=True) == "Jag har en vårdrelation"
    assert page.find(id="id_relation_error").get_text(strip=True) == "Kryssa i ”Jag har en vårdrelation” för att gå vidare."


def test_only_the_optional_fields_are_marked_and_none_in_a_form_where_all_are() -> None:
    class Search(Form):
        number = TextField(label="Ordernummer", required=False)

    marked = [label.get_text(" ", strip=True) for label in soup(Example()).select("label, legend") if "valfritt" in label.get_text()]
    assert marked == ["Telefon (valfritt)", "Antal (valfritt)", "Meddelande (valfritt)"]
    assert "valfritt" not in str(Search())


def test_the_browser_neither_checks_nor_cuts_by_itself() -> None:
    page = soup(Example())
    assert not page.select("[required], [maxlength], [minlength]")


def test_every_control_has_the_design_systems_class() -> None:
    assert all("ds-input" in control.get("class", []) for control in soup(Example()).select("input, textarea, select"))


def test_the_summary_links_to_each_field_and_counts_the_errors() -> None:
    form = Example({"quantity": "0"})
    html = engines["django"].from_string('{% include "components/error_summary.html" %}').render({"form": form})
    page = BeautifulSoup(html, "html.parser")
    assert form.error_count == 4
    assert page.h2.get_text() == "4 fel att rätta"
    assert [(link["href"], link.get_text()) for link in page.select("a")] == [
        ("#id_street", "Fyll i ”Gatuadress”."),
        ("#id_quantity", "Antal: Skriv 1 eller mer."),
        ("#id_delivery_0", "Välj ett alternativ för ”Leverans”."),
        ("#id_relation", "Kryssa i ”Jag har en vårdrelation” för att gå vidare."),
    ]
    fields = soup(form)
    assert all(fields.find(id=link["href"][1:]) is not None for link in page.select("a"))


def test_the_summary_is_absent_while_nothing_is_wrong_and_before_anything_is_sent() -> None:
    summary = engines["django"].from_string('{% include "components/error_summary.html" %}')
    assert summary.render({"form": Example()}).strip() == ""
    assert summary.render({}).strip() == ""


def test_the_summary_takes_several_forms_and_a_formset() -> None:
    class Line(Form):
        article = TextField(label="Artikelnummer")

    lines = forms.formset_factory(Line)({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-article": "\x07"})
    html = engines["django"].from_string('{% include "components/error_summary.html" %}').render({"forms": [Example({}), Example({})], "formset": lines})
    page = BeautifulSoup(html, "html.parser")
    assert page.h2.get_text() == "7 fel att rätta"
    assert page.select('a[href="#id_form-0-article"]')


def test_what_is_written_is_escaped_in_the_field_and_its_error() -> None:
    class Colour(Form):
        colour = forms.ChoiceField(label="<b>Färg</b>", choices=[("r", "Röd")], error_messages={"invalid_choice": "Fel: %(value)s"})

    assert "<script>" not in str(Colour({"colour": "<script>alert(1)</script>"}))
    assert "<b>" not in str(Colour({}))


def test_an_authors_own_text_is_left_alone_and_no_form_changes_another() -> None:
    class First(Form):
        name = TextField(label="Namn", error_messages={"required": "Vem gäller det?"})

    class Second(Form):
        name = TextField(label="Ort")

    assert First({}).errors["name"] == ["Vem gäller det?"]
    assert Second({}).errors["name"] == ["Fyll i ”Ort”."]
    assert First({}).errors["name"] == ["Vem gäller det?"]
