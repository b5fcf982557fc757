"""Who may prescribe what, and what is in whose assortment."""

import itertools
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Assignment, User
from accounts.professions import Profession
from catalog.models import Article, AssortmentEntry, AssortmentPolicy, LocalArticle, Mode, PrescribingRule
from catalog.rights import Verdict, shared_reasons, verdicts
from tests import factories

pytestmark = pytest.mark.django_db
OUTSIDE = "Artikeln är utanför sortimentet och kräver dispens."


def person(profession: str = "", *, at: Any = None, name: str = "") -> Assignment:
    made = factories.assignment(name or f"Yrke {profession or 'okänt'}", "PRESCRIBER", at=at or factories.unit())
    User.objects.filter(pk=made.user_id).update(profession=profession)
    made.user.profession = profession
    return made


def judge(article: Article, by: Assignment, prescriber: Assignment | None = None) -> Verdict:
    return verdicts([article], by=by, prescriber=prescriber)[article.pk]


@pytest.fixture
def _no_rules() -> None:
    """Without what a new installation begins with."""
    PrescribingRule.objects.all().delete()


# --- Prescribing right ------------------------------------------------------------------------------


def test_a_new_installation_allows_all_with_a_reminder() -> None:
    verdict = judge(factories.article_of("122203"), person(Profession.NURSE))
    assert verdict == Verdict(Mode.WARN, ("Du ansvarar för att förskrivaren har rätt att förskriva hjälpmedlet.",))
    assert verdict.is_told


@pytest.mark.usefixtures("_no_rules")
def test_what_no_rule_speaks_of_is_allowed_and_nothing_is_told() -> None:
    verdict = judge(factories.article_of("122203"), person())
    assert verdict == Verdict(Mode.ALLOW)
    assert not verdict.is_told


PROVIDERS, PROFESSIONS, PREFIXES = ("", "own"), ("", "AT"), ("", "12", "1222", "122203", "12220301")
# From the widest to the narrowest: class before provider before profession.
ORDER = [(prefix, provider, profession) for prefix in PREFIXES for provider in PROVIDERS for profession in PROFESSIONS]


@pytest.mark.usefixtures("_no_rules")
def test_the_most_specific_of_two_rules_holds() -> None:
    """The whole table: of every two keys the one further down in ORDER wins, whichever of them is the stricter."""
    by = person(Profession.OCCUPATIONAL_THERAPIST)
    article = factories.article_of("12220301")
    for wide, narrow in itertools.combinations(ORDER, 2):
        for blocks in (wide, narrow):
            PrescribingRule.objects.all().delete()
            for prefix, provider, profession in (wide, narrow):
                mode = "BLOCK" if (prefix, provider, profession) == blocks else "WARN"
                factories.rule(mode, of=by.unit.provider if provider else None, profession=profession, iso_prefix=prefix)
            assert judge(article, by).mode == ("BLOCK" if blocks is narrow else "WARN"), (wide, narrow)


@pytest.mark.usefixtures("_no_rules")
@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"iso_prefix": "12"}, True),
        ({"iso_prefix": "1223"}, False),
        ({"iso_prefix": "22"}, False),  # in the code, but not at its beginning
        ({"iso_prefix": "12220302"}, False),
        ({"profession": "AT"}, True),
        ({"profession": "FT"}, False),
        ({"is_active": False}, False),
    ],
)
def test_a_rule_holds_for_its_own_key_alone(rule: dict[str, Any], holds: bool) -> None:
    factories.rule("BLOCK", **rule)
    assert judge(factories.article_of("122203"), person("AT")).mode == ("BLOCK" if holds else "ALLOW")


@pytest.mark.usefixtures("_no_rules")
def test_another_care_providers_rule_does_not_hold_here() -> None:
    factories.rule("BLOCK", of=factories.dan().unit.provider)
    article = factories.article_of("122203")
    assert judge(article, person()).mode == Mode.ALLOW
    assert judge(article, factories.dan()).mode == Mode.BLOCK


@pytest.mark.usefixtures("_no_rules")
def test_the_prescribers_profession_counts_and_not_the_orderers() -> None:
    factories.rule("BLOCK", profession="SJ", text="Sjuksköterskor får inte förskriva rullstolar.")
    nurse, doctor, article = person("SJ"), person("LK"), factories.article_of("122203")
    assert judge(article, nurse, doctor).mode == Mode.ALLOW
    assert judge(article, doctor, nurse).reasons == ("Sjuksköterskor får inte förskriva rullstolar.",)
    assert judge(article, nurse).mode == Mode.BLOCK


@pytest.mark.usefixtures("_no_rules")
def test_who_has_no_profession_meets_the_rules_for_all_alone() -> None:
    factories.rule("BLOCK", profession="AT")
    factories.rule("APPROVAL")
    assert judge(factories.article_of("122203"), person("")).mode == Mode.APPROVAL


@pytest.mark.usefixtures("_no_rules")
def test_an_article_without_a_class_meets_the_rules_for_all_classes() -> None:
    factories.rule("BLOCK", iso_prefix="12")
    factories.rule("WARN", text="Tänk efter.")
    assert judge(factories.article(), person()) == Verdict(Mode.WARN, ("Tänk efter.",))


def test_one_key_has_one_rule_and_a_rule_that_stops_says_why() -> None:
    factories.rule("WARN", iso_prefix="12")
    for wrong in (
        {"mode": "BLOCK", "iso_prefix": "12", "text": "Igen."},
        {"mode": "BLOCK", "iso_prefix": "18", "text": ""},
        {"mode": "MAYBE", "iso_prefix": "18", "text": "Ibland."},
        {"mode": "WARN", "iso_prefix": "123", "text": "Tre siffror."},
        {"mode": "WARN", "profession": "XX", "text": "Okänt yrke."},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PrescribingRule.objects.create(**wrong)
        with pytest.raises(ValidationError):
            PrescribingRule(**wrong).full_clean()
    assert PrescribingRule.objects.filter(iso_prefix="12").count() == 1


# --- Assortment -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_no_rules")
def test_what_the_centre_has_outside_its_assortment_needs_approval_from_the_start() -> None:
    article = factories.article_of("122203", is_in_assortment=False)
    assert judge(article, person()) == Verdict(Mode.APPROVAL, (OUTSIDE,))
    LocalArticle.objects.filter(article=article).update(is_in_assortment=None)
    assert judge(article, person()).mode == Mode.ALLOW


@pytest.mark.usefixtures("_no_rules")
@pytest.mark.parametrize("centre", [None, True, False])
@pytest.mark.parametrize("by_class", [(), (("12", False),), (("12", True),), (("12", False), ("1222", True)), (("12", True), ("122203", False))])
@pytest.mark.parametrize("own", [None, True, False])
def test_the_article_goes_before_its_narrowest_class_and_that_before_the_centre(
    centre: bool | None, by_class: tuple[tuple[str, bool], ...], own: bool | None
) -> None:
    """The verdict and the queryset are the same rule."""
    by = person()
    article = factories.article_of("122203", is_in_assortment=centre)
    for prefix, is_included in by_class:
        AssortmentEntry.objects.create(provider=by.unit.provider, iso_prefix=prefix, is_included=is_included)
    if own is not None:
        AssortmentEntry.objects.create(provider=by.unit.provider, article=article, is_included=own)
    expected = own if own is not None else by_class[-1][1] if by_class else centre is not False
    assert (judge(article, by).mode == Mode.ALLOW) == expected
    assert Article.objects.in_assortment_of(by).filter(pk=article.pk).exists() == expected


@pytest.mark.usefixtures("_no_rules")
def test_entries_of_others_and_those_out_of_use_do_not_count() -> None:
    article, by = factories.article_of("122203"), person()
    AssortmentEntry.objects.create(provider=factories.dan().unit.provider, article=article, is_included=False)
    AssortmentEntry.objects.create(provider=by.unit.provider, iso_prefix="12", is_included=False, is_active=False)
    assert judge(article, by).mode == Mode.ALLOW
    assert article in Article.objects.in_assortment_of(by)
    assert article not in Article.objects.in_assortment_of(factories.dan())


@pytest.mark.usefixtures("_no_rules")
@pytest.mark.parametrize("mode", Mode)
def test_a_care_providers_own_word_on_what_is_outside_goes_before_everybodys(mode: Mode) -> None:
    by, other = person(), factories.dan()
    AssortmentPolicy.objects.create(provider=by.unit.provider, mode=mode, text="Vårt eget besked." if mode != Mode.ALLOW else "")
    article = factories.article_of("122203", is_in_assortment=False)
    assert judge(article, by) == (Verdict(mode, ("Vårt eget besked.",)) if mode != Mode.ALLOW else Verdict(Mode.ALLOW))
    assert judge(article, other) == Verdict(Mode.APPROVAL, (OUTSIDE,))


def test_what_is_outside_is_hidden_only_where_the_care_provider_says_so() -> None:
    by, other = person(), factories.dan()
    inside, outside = factories.article_of("122203"), factories.article_of("122203", is_in_assortment=False)
    AssortmentPolicy.objects.create(provider=by.unit.provider, mode="BLOCK", text="Beställs inte här.", shows_outside=False)
    assert set(Article.objects.shown_to(by)) == {inside}
    assert set(Article.objects.shown_to(other)) == {inside, outside}


def test_what_a_care_provider_hides_is_not_found_in_the_catalogue_and_its_page_still_opens(client_of: Any) -> None:
    """Old orders point at it."""
    by, other = person(), factories.dan()
    inside, outside = factories.article_of("122203", "Rullstol Inne"), factories.article_of("122203", "Rullstol Ute", is_in_assortment=False)
    AssortmentPolicy.objects.create(provider=by.unit.provider, mode="BLOCK", text="Beställs inte här.", shows_outside=False)
    for who, found in ((by, False), (other, True)):
        client = client_of(who)
        for address in ("/hjalpmedel/", "/hjalpmedel/?q=rullstol", "/hjalpmedel/?iso=12"):
            text = client.get(address).text
            assert inside.display_name in text
            assert (outside.display_name in text) == found
        assert client.get(outside.get_absolute_url()).status_code == 200
        draft = factories.draft(who, lines=0)
        assert (outside.display_name in client.get(f"/bestallningar/utkast/{draft.public_id}/artiklar/?q=rullstol").text) == found


def test_an_entry_is_about_an_article_or_a_class_and_stands_once() -> None:
    of, article = factories.provider(), factories.article_of("122203")
    AssortmentEntry.objects.create(provider=of, article=article)
    AssortmentEntry.objects.create(provider=of, iso_prefix="1222")
    for wrong in ({}, {"article": article, "iso_prefix": "12"}, {"article": article}, {"iso_prefix": "1222"}, {"iso_prefix": "1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AssortmentEntry.objects.create(provider=of, **wrong)


# --- Together ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_no_rules")
@pytest.mark.parametrize(("right", "outside"), list(itertools.product(Mode, Mode)))
def test_the_stricter_of_the_two_holds_and_both_are_told_the_strictest_first(right: Mode, outside: Mode) -> None:
    factories.rule(right, text="Rätten.")
    AssortmentPolicy.objects.update(mode=outside, text="Sortimentet.")
    verdict = judge(factories.article_of("122203", is_in_assortment=False), person())
    assert verdict.mode == max(right, outside, key=lambda mode: mode.strictness)
    told = [text for mode, text in sorted([(right, "Rätten."), (outside, "Sortimentet.")], key=lambda item: -item[0].strictness) if mode != Mode.ALLOW]
    assert list(verdict.reasons) == told


def test_what_all_articles_share_is_told_once_and_the_rest_at_each() -> None:
    found = {1: Verdict(Mode.WARN, ("Alla.",)), 2: Verdict(Mode.APPROVAL, ("Den ena.", "Alla."))}
    assert shared_reasons(found) == ("Alla.",)
    assert [verdict.without(["Alla."]).reasons for verdict in found.values()] == [(), ("Den ena.",)]
    assert [verdict.without(["Alla."]).is_told for verdict in found.values()] == [False, True]
    assert shared_reasons({1: found[1]}) == ()  # a single one tells it itself
    assert shared_reasons({}) == ()


def test_thirty_articles_cost_no_more_questions_than_one() -> None:
    by, of = person("AT"), person("FT")
    articles = [factories.article_of(f"12{place:02}03", is_in_assortment=place % 2 == 0) for place in range(10, 40)]
    for article in articles[::3]:
        AssortmentEntry.objects.create(provider=by.unit.provider, article=article)
    for place in range(10, 40):
        factories.rule("WARN", iso_prefix=f"12{place}")
    counts = []
    for some in (articles[:1], [Article.objects.get(pk=article.pk) for article in articles]):
        with CaptureQueriesContext(connection) as queries:
            assert len(verdicts(some, by=by, prescriber=of)) == len(some)
        counts.append(len(queries))
    assert counts == [4, 4]
    with CaptureQueriesContext(connection) as queries:
        assert verdicts([], by=by) == {}
    assert len(queries) == 0
