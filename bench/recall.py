"""The recall at 100,000 and at a million aids: `python -m bench.recall [100000 1000000]`. Made and measured as `bench.lists` does.

Every fourth aid has an individual number, with a serial number, a lot and a UDI; a lot holds 200 aids, and of each article there are as many as of
any other (a three-hundredth of all). Half of the aids have been given back. The aids are those of four units of one care provider.
"""

import sys
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urlencode

from bench import lists

WHY = "Tillverkarens meddelande"


class AidWorld(lists.World):
    TABLES: ClassVar[tuple[str, ...]] = ("patients_loan", "catalog_individual")

    def __init__(self) -> None:
        from django.test import Client

        from accounts.middleware import ASSIGNMENT_KEY
        from tests import factories

        super().__init__()
        self.me = factories.assignment("Bänk avvikelse", "DEVIATION_HANDLER", at=self.by[1][0].unit)
        self.client = Client()
        self.client.force_login(self.me.user)
        session = self.client.session
        session[ASSIGNMENT_KEY] = self.me.pk
        session.save()

    def _insert_orders(self, first: int, last: int) -> None:
        """Aids `first` to `last`."""
        lists.run(
            """
            INSERT INTO catalog_individual (number, earlier_numbers, article_id, serial_number, lot, udi, is_under_investigation, is_lost, is_on_pickup,
              is_loaner, is_on_loan, replaced_sequence, inspection_sequence)
            SELECT '40-' || i, '{}', (%(articles)s::bigint[])[i / 4 %% %(a)s + 1], 'SN' || i, '', '', false, false, false, false, i %% 8 < 4, 0, 0
            FROM generate_series(%(first)s, %(last)s - 1, 4) i;
            INSERT INTO patients_loan (patient_id, provider_id, unit_id, article_id, individual_number, quantity, lot, udi, order_number, source,
              earlier_numbers, is_under_investigation, is_lost, on_pickup, returned, started_at, ended_at)
            SELECT 1000000 + i / 25, %(provider)s, (%(units)s::bigint[])[i / 25 %% %(n)s + 1], (%(articles)s::bigint[])[i / 4 %% %(a)s + 1],
              CASE WHEN i %% 4 = 0 THEN '40-' || i ELSE '' END, 1, CASE WHEN i %% 4 = 0 THEN 'L' || i / 800 ELSE '' END,
              CASE WHEN i %% 4 = 0 THEN '(01)0735' || lpad((i / 4 %% %(a)s)::text, 10, '0') || '(21)' || i ELSE '' END,
              'K-2026-' || lpad(i::text, 8, '0') || '-' || i %% 10, 'bench/' || i, '{}', false, false, 0, 0,
              timestamptz '2021-01-01' + i * interval '2 minutes', CASE WHEN i %% 8 < 4 THEN NULL ELSE timestamptz '2026-01-01' END
            FROM generate_series(%(first)s, %(last)s - 1) i
            """,
            first=first,
            last=last,
            a=lists.ARTICLES,
            articles=[article.pk for article in self.articles],
            provider=self.me.unit.provider_id,
            n=lists.UNITS,
            units=[unit[0].unit_id for unit in self.by],
        )

    def _insert_one_persons(self, number: int) -> None:
        """Nothing here is one person's."""

    def tasks(self) -> dict[str, Callable[[], object]]:
        """Why is said anew for each search, as a reader does."""
        from functools import partial

        middle = self.size // 2 // 8 * 8
        sought = {
            "individual number": f"40-{middle}",
            "serial number": f"SN{middle}",
            "lot of 200": f"L{middle // 800}",
            "UDI, whole": f"(01)0735{middle // 4 % lists.ARTICLES:010}(21){middle}",
            "UDI of a product": f"(01)0735{8:010}",
            "article": self.articles[8].number,
            "nothing": "finns-inte",
        }
        return {name: partial(self._search, text) for name, text in sought.items()}

    def _search(self, text: str) -> None:
        url = "/felrapporter/aterkallelse/"
        if self.client.post(url, {"sok": text, "skal": WHY}).status_code != 302:
            raise SystemExit(f"{text}: not taken")
        lists.ask(self, f"{url}?{urlencode({'sok': text})}")

    def pages(self) -> dict[str, str]:
        return {}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        lists.SIZES[:] = [100_000, 1_000_000]
    lists.main(AidWorld)
