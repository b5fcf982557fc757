"""What was typed, understood against the vocabulary: forms, beginnings, parts of compounds, synonyms, compounds taken apart, and spelling."""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import connection

from catalog.search.writing import NEAR

MAX_LENGTH = 100
MAX_TERMS = 8
# More words than this that begin so are asked for as a beginning.
MOST_WORDS = 40
# Parts are looked for inside words from this length on: three letters are in nearly every word.
SHORTEST_PART = 4
SHORTEST_MISSPELT = 3
# Who finds as many by the compound itself needs no help from its parts.
FEW = 200
DOUBT = 10
MOST_NEAREST = 5
_TERM = re.compile(r"[^\W_]+")
_ISO = re.compile(r"^[0-9]{2}( [0-9]{2}){1,3}$")


@dataclasses.dataclass
class Term:
    """One typed word and the words of the catalogue that it stands for. `occurrences` is about how many articles have any of them."""

    typed: str
    plain: str
    stem: str
    is_stop_word: bool
    whole: list[str]
    synonyms: list[str]
    beginnings: list[str]
    words_beginning: list[str]
    parts: list[str]
    occurrences: int
    splits: list[tuple[list[str], list[str]]] = dataclasses.field(default_factory=list)
    corrected: bool = False
    nearest: list[str] = dataclasses.field(default_factory=list)

    @property
    def is_known(self) -> bool:
        return bool(self.whole or self.synonyms or self.beginnings or self.parts or self.splits)

    @property
    def is_doubtful(self) -> bool:
        """A few compounds hold it somewhere inside, which may be chance: ssilver in krycksilver."""
        return bool(self.parts) and not (self.whole or self.synonyms or self.beginnings or self.splits) and self.occurrences < FEW

    @property
    def tried(self) -> str:
        """For the reader: rullstolsbord (rullstol + bord), permobil (elrullstol)."""
        others = [*self.synonyms[:3], *(f"{head[0]} + {tail[0]}" for head, tail in self.splits[:2])]
        return f"{self.typed} ({', '.join(others)})" if others else self.typed

    @property
    def openings(self) -> list[str]:
        """How a name begins that begins with this word or a compound of it; each such name is a hit."""
        stems = [word[: len(self.stem)] for word in self.whole] if len(self.stem) >= SHORTEST_PART else []
        found = sorted({*stems, *self.beginnings})
        return [opening for opening in found if opening and not any(opening != other and opening.startswith(other) for other in found)]

    def tsquery(self, *signs: str) -> str:
        """Any of the words, anywhere or, with signs, in a name (`writing.IN_MAIN_NAME`)."""
        few = len(self.words_beginning) <= MOST_WORDS
        words = dict.fromkeys([*self.whole, *self.synonyms, *(self.words_beginning if few else []), *self.parts])
        choices = [_any(words, signs)] if words else []
        if not few:
            choices.append(_any(self.beginnings, signs, ":*"))
        choices += [f"(({_any(head, signs)}) & ({_any(tail, signs)}))" for head, tail in self.splits]
        return f"({' | '.join(choices)})"


def _any(words: Iterable[str], signs: Sequence[str], suffix: str = "") -> str:
    """Words of the vocabulary are letters and digits; what the database once took for a word is quoted all the same."""
    return " | ".join(f"{_quoted(sign + word)}{suffix}" for word in words for sign in signs or ("",))


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def split(query: str) -> list[str]:
    """The words of a query, in small letters; an ISO code alone is one word, however it is written."""
    text = " ".join(unicodedata.normalize("NFKC", query).lower().split())[:MAX_LENGTH]
    if _ISO.match(text):
        return [text.replace(" ", "")]
    return list(dict.fromkeys(_TERM.findall(text)))[:MAX_TERMS]


def understand(typed: Sequence[str]) -> list[Term]:
    """A term for each word that says anything. One that occurs nowhere is replaced by the nearest word that does, and says so."""
    terms = [term for term in _look_up(typed) if not term.is_stop_word]
    # As one types, the last word is a single letter for a moment.
    terms = [term for term in terms if term.is_known or len(term.plain) > 1 or term.plain.isdigit() or len(terms) == 1]
    for term in terms:
        if term.occurrences < FEW:
            _take_apart(term)
    nearest = {term.typed: _nearest(term) for term in terms if not term.is_known or term.is_doubtful}
    corrected = [best for best, _ in nearest.values() if best]
    known = {term.typed: term for term in _look_up(corrected)} if corrected else {}
    understood = []
    for term in terms:
        best, others = nearest.get(term.typed, (None, []))
        # A doubtful one gives way to a word that far more articles have.
        if best and known[best].occurrences > DOUBT * term.occurrences:
            understood.append(dataclasses.replace(known[best], corrected=True))
        else:
            understood.append(dataclasses.replace(term, nearest=others))
    return understood


# --- The vocabulary ---------------------------------------------------------------------------------

# A letter begins half of all words. A size (45) is no beginning of an ISO code, which has four digits at least.
_SHORT = "^(.|[0-9]{1,3})$"
_LOOK_UP = """
WITH typed AS MATERIALIZED (
    SELECT place, term, unaccent(term) AS plain, stems, unaccent(coalesce(stems[1], term)) AS stem
      FROM (SELECT place, term, ts_lexize('swedish_stem', term) AS stems FROM unnest(%(terms)s::text[]) WITH ORDINALITY AS t(term, place)) t
)
SELECT typed.term, typed.plain, typed.stem, typed.stems = '{}', whole.words, synonym.words, beginning.openings, beginning.words, part.words,
       synonym.total + greatest(whole.total, beginning.total, part.total)
  FROM typed,
  LATERAL (SELECT coalesce(array_agg(word ORDER BY occurrences DESC, word), '{}') AS words, coalesce(sum(occurrences), 0) AS total
             FROM catalog_searchword WHERE (plain = typed.plain OR stem = typed.stem) AND occurrences > 0) whole,
  LATERAL (SELECT coalesce(array_agg(word ORDER BY occurrences DESC, word), '{}') AS words, coalesce(sum(occurrences), 0) AS total
             FROM catalog_searchword
            WHERE occurrences > 0 AND stem IN (
                SELECT other.stem
                  FROM catalog_searchword this
                  JOIN catalog_synonym pair ON this.word = pair.word OR (this.word = pair.means AND pair.is_two_way)
                  JOIN catalog_searchword other ON other.word = CASE this.word WHEN pair.word THEN pair.means ELSE pair.word END
                 WHERE this.stem = typed.stem)) synonym,
  LATERAL (SELECT coalesce((array_agg(word))[1:%(most)s + 1], '{}') AS words, coalesce(sum(occurrences), 0) AS total,
                  coalesce(array_agg(DISTINCT left(word, length(typed.plain))), '{}') AS openings
             FROM catalog_searchword
            WHERE typed.plain !~ %(short)s AND plain >= typed.plain AND plain < typed.plain || chr(1114111) AND occurrences > 0) beginning,
  LATERAL (SELECT coalesce(array_agg(word), '{}') AS words, coalesce(sum(occurrences), 0) AS total
             FROM (SELECT word, occurrences FROM catalog_searchword
                    WHERE length(typed.stem) >= %(part)s AND plain LIKE '%%' || typed.stem || '%%' AND occurrences > 0
                    ORDER BY occurrences DESC, word LIMIT %(most)s) most) part
 ORDER BY place
"""


def _look_up(typed: Sequence[str]) -> list[Term]:
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, {"terms": list(typed), "most": MOST_WORDS, "part": SHORTEST_PART, "short": _SHORT})
        return [Term(*row) for row in cursor.fetchall()]


_PIECES = "SELECT word, plain, stem FROM catalog_searchword WHERE (plain = ANY(%s) OR stem = ANY(%s)) AND occurrences > 0 ORDER BY occurrences DESC, word"


def _take_apart(term: Term) -> None:
    """Find the words that it is made of: rullstolsbord is rullstol + bord. The head may have a linking s."""
    places = range(SHORTEST_MISSPELT, len(term.stem) - SHORTEST_MISSPELT + 1)
    if len(term.stem) < 2 * SHORTEST_MISSPELT or not term.stem.isalpha():
        return
    heads = {place: {term.plain[:place], term.plain[:place].removesuffix("s")} for place in places}
    tails = {place: term.stem[place:] for place in places}
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, [sorted(set().union(*heads.values())), sorted(set(tails.values()))])
        words = cursor.fetchall()
    for place in places:
        head = [word for word, plain, _ in words if plain in heads[place] and len(plain) >= SHORTEST_MISSPELT]
        tail = [word for word, _, stem in words if stem == tails[place]]
        if head and tail:
            term.splits.append((head, tail))


# --- Spelling ---------------------------------------------------------------------------------------

_NEAREST = f"""
SELECT word, plain, occurrences FROM catalog_searchword
 WHERE near && {NEAR.format("%(plain)s")} AND length(plain) >= length(%(plain)s) - 2
 ORDER BY abs(length(plain) - length(%(plain)s)) <= 2 DESC, similarity(plain, %(plain)s) DESC, occurrences DESC, word LIMIT 40
"""  # noqa: S608 - made of constants only
_SIMILAR = """
SELECT word, plain, occurrences FROM catalog_searchword WHERE plain %% %(plain)s AND occurrences > 0
 ORDER BY similarity(plain, %(plain)s) DESC, occurrences DESC, word LIMIT 40
"""


def _nearest(term: Term) -> tuple[str | None, list[str]]:
    """The word that was meant, when one is near enough, and others to propose when none is."""
    plain = term.plain
    if len(plain) < SHORTEST_MISSPELT or any(character.isdigit() for character in plain):
        return None, []
    allowed = 1 if len(plain) < 6 else 2
    judged: list[tuple[float, int, str]] = []
    # Nearly always one letter is wrong; only when that finds nothing are all words compared.
    for statement in (_NEAREST, _SIMILAR):
        with connection.cursor() as cursor:
            cursor.execute(statement, {"plain": plain})
            judged += [(_apart(plain, other, allowed), -occurrences, word) for word, other, occurrences in cursor.fetchall()]
        judged.sort()
        if judged and judged[0][0] <= allowed:
            return judged[0][2], []
    return None, list(dict.fromkeys(word for _, _, word in judged))[:MOST_NEAREST]


def _apart(typed: str, word: str, allowed: int) -> float:
    """The distance to the word, or a little more than that to its beginning: what was typed may go on."""
    whole = distance(typed, word, allowed + 1)
    if whole <= 1 or len(typed) < 5:
        return whole
    return min(whole, 0.5 + min(distance(typed, word[:length], 1) for length in range(len(typed) - 1, len(typed) + 2)))


def distance(a: str, b: str, limit: int) -> int:
    """How many letters were missed, added, changed or swapped with their neighbour; `limit` + 1 when it is more."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for row, letter in enumerate(a, 1):
        now = [row]
        for column, other in enumerate(b, 1):
            cost = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == b[column - 2] and a[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            now.append(cost)
        if min(now) > limit:
            return limit + 1
        before, last = last, now
    return min(last[-1], limit + 1)
