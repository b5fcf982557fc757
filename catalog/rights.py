"""What holds when somebody prescribes an article: the prescribing right, and the care provider's assortment."""

import dataclasses
from collections.abc import Iterable, Mapping

from django.db.models import Q

from accounts.models import Assignment
from catalog.models import Article, AssortmentEntry, AssortmentPolicy, Mode, PrescribingRule

_TONES = {Mode.ALLOW: "success", Mode.WARN: "info", Mode.APPROVAL: "warning", Mode.BLOCK: "danger"}
_ICONS = {Mode.ALLOW: "check", Mode.WARN: "info", Mode.APPROVAL: "clock", Mode.BLOCK: "lock"}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """`mode` is the strictest of what was found; `reasons` are sentences to be shown, the strictest first. Empty when there is nothing to tell.

    `deciding` are those of them that make the mode.
    """

    mode: Mode
    reasons: tuple[str, ...] = ()
    deciding: tuple[str, ...] = dataclasses.field(default=(), compare=False)

    @property
    def word(self) -> str:
        return self.mode.label

    @property
    def tone(self) -> str:
        return _TONES[self.mode]

    @property
    def icon(self) -> str:
        return _ICONS[self.mode]

    @property
    def is_told(self) -> bool:
        """Whether a page has something to show."""
        return bool(self.reasons) or self.mode.strictness > Mode.WARN.strictness

    def without(self, told: Iterable[str]) -> "Verdict":
        """The same, without the reasons that are told elsewhere on the page."""
        return dataclasses.replace(self, reasons=tuple(reason for reason in self.reasons if reason not in set(told)))


def verdicts(articles: Iterable[Article], *, by: Assignment, prescriber: Assignment | None = None) -> dict[int, Verdict]:
    """What holds for each of the articles, by its key, at `by`'s care provider; in four questions, however many they are.

    The profession that counts is the prescriber's, never the orderer's; without a prescriber it is that of `by`.
    An article is judged by its main ISO class.
    """
    wanted = {article.pk for article in articles}
    if not wanted:
        return {}
    facts = Article.objects.filter(pk__in=wanted).values_list("pk", "category__code", "local__is_in_assortment")
    rules = _rules(by, (prescriber or by).user.profession)
    assortment = _Assortment(by, wanted)
    return {pk: _verdict(rules, assortment, pk, code or "", is_in_centres is not False) for pk, code, is_in_centres in facts}


def shared_reasons(found: Mapping[int, Verdict]) -> tuple[str, ...]:
    """What is the same for all of several articles: told once for them all, not at each."""
    first, *rest = found.values() if len(found) > 1 else [Verdict(Mode.ALLOW)]
    return tuple(reason for reason in first.reasons if all(reason in verdict.reasons for verdict in rest))


def _verdict(rules: list[PrescribingRule], assortment: "_Assortment", pk: int, code: str, is_in_centres: bool) -> Verdict:
    told: list[tuple[Mode, str]] = []
    rule = next((rule for rule in rules if code.startswith(rule.iso_prefix)), None)
    if rule is not None:
        told.append((Mode(rule.mode), rule.text))
    if assortment.policy is not None and not assortment.has(pk, code, is_in_centres):
        told.append((Mode(assortment.policy.mode), assortment.policy.text))
    told = sorted(((mode, text) for mode, text in told if mode is not Mode.ALLOW), key=lambda item: -item[0].strictness)
    if not told:
        return Verdict(Mode.ALLOW)
    strictest = told[0][0]
    return Verdict(strictest, tuple(text for _, text in told), deciding=tuple(text for mode, text in told if mode is strictest))


def _rules(by: Assignment, profession: str) -> list[PrescribingRule]:
    """The rules that can hold for the profession at the care provider, the most specific first."""
    found = PrescribingRule.objects.filter(Q(provider=None) | Q(provider=by.unit.provider_id), Q(profession="") | Q(profession=profession), is_active=True)
    return sorted(found, key=lambda rule: rule.specificity, reverse=True)


class _Assortment:
    """What the care provider has decided about the articles and about classes."""

    def __init__(self, by: Assignment, wanted: set[int]) -> None:
        self.policy = AssortmentPolicy.of(by)
        entries = AssortmentEntry.objects.filter(Q(article=None) | Q(article__in=wanted), provider=by.unit.provider_id, is_active=True)
        self.articles: dict[int, bool] = {}
        classes: dict[str, bool] = {}
        for entry in entries:
            if entry.article_id is None:
                classes[entry.iso_prefix] = entry.is_included
            else:
                self.articles[entry.article_id] = entry.is_included
        self.classes = sorted(classes.items(), key=lambda item: -len(item[0]))

    def has(self, pk: int, code: str, is_in_centres: bool) -> bool:
        """The same rule as `ArticleQuerySet.in_assortment_of`."""
        if pk in self.articles:
            return self.articles[pk]
        return next((is_included for prefix, is_included in self.classes if code.startswith(prefix)), is_in_centres)
