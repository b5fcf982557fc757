"""Synonyms and the region's rules as they are when the portal starts; changed in the administration from then on."""

from typing import Any

from django.db import migrations

# What staff say, and what suppliers and ISO 9999 call it. Administrators go on from here.
TWO_WAY = [
    ("badpall", "duschpall"),
    ("duschpall", "duschstol"),
    ("hoj", "cykel"),
    ("kudde", "dyna"),
    ("käpp", "stödkäpp"),
    ("lyftsele", "lyftskynke"),
    ("madrasskydd", "madrassöverdrag"),
    ("ståstöd", "tippbräda"),
    ("toalettförhöjning", "toalettstolsförhöjning"),
    ("vändlakan", "glidlakan"),
    ("vårdsäng", "säng"),
    ("väckarklocka", "vibrationsväckare"),
]
ONE_WAY = [
    ("bettbord", "bord"),
    ("bricka", "rullstolsbord"),
    ("dropphållare", "droppställning"),
    ("elmoppe", "elmoped"),
    ("elstol", "elrullstol"),
    ("fotpall", "fotstöd"),
    ("gåvagn", "rollator"),
    ("klosettförhöjning", "toalettstolsförhöjning"),
    ("kryckkäpp", "krycka"),
    ("kryckkäpp", "käpp"),
    ("nackkudde", "huvudstöd"),
    ("nackstöd", "huvudstöd"),
    ("patientlyft", "personlyft"),
    ("permobil", "elrullstol"),
    ("plocktång", "griptång"),
    ("potta", "toalettstol"),
    ("promenadscooter", "elmoped"),
    ("rulle", "rullstol"),
    ("ryggkudde", "ryggdyna"),
    ("sittkudde", "sittdyna"),
    ("sänggrind", "sidogrind"),
    ("sängstöd", "stödhandtag"),
    ("tippstöd", "tippskydd"),
    ("trampcykel", "cykel"),
    ("örngott", "kudde"),
]

REMINDER = "Du ansvarar för att förskrivaren har rätt att förskriva hjälpmedlet."
OUTSIDE = "Artikeln är utanför sortimentet och kräver dispens."


def add_synonyms(apps: Any, schema_editor: Any) -> None:
    synonym = apps.get_model("catalog", "Synonym")
    rows = [(word, means, True) for word, means in TWO_WAY] + [(word, means, False) for word, means in ONE_WAY]
    synonym.objects.bulk_create(synonym(word=word, means=means, is_two_way=is_two_way) for word, means, is_two_way in rows)


def set_defaults(apps: Any, schema_editor: Any) -> None:
    """What VGR begins with: all may prescribe, with a reminder; what is outside the assortment needs approval."""
    apps.get_model("catalog", "PrescribingRule").objects.create(mode="WARN", text=REMINDER)
    apps.get_model("catalog", "AssortmentPolicy").objects.create(mode="APPROVAL", text=OUTSIDE)


def remove(apps: Any, _: Any) -> None:
    for name in ("Synonym", "PrescribingRule", "AssortmentPolicy"):
        apps.get_model("catalog", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunPython(add_synonyms, remove), migrations.RunPython(set_defaults, migrations.RunPython.noop)]
