"""The pages of a buffertförråd with 50,000 and with 5 million movements behind them: `python -m bench.stores [50000 5000000]`. Made and measured as
`bench.lists` does.

200 stores of 150 articles; one movement in a hundred is of one article in the store that is looked at, the others are spread evenly. Of eight
movements one is a delivery of seven and seven are uttag, over the five years until now: so the shelf is empty in one of eight moments.
"""

import sys
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from bench import lists

STORES, LINES = 200, 150
FIRST_LINE = 1_000_000


class StoreWorld(lists.World):
    TABLES: ClassVar[tuple[str, ...]] = ("buffer_movement",)

    def _insert_patients(self, first: int, last: int) -> None:
        """A ledger names nobody."""

    def _insert_orders(self, first: int, last: int) -> None:
        if first == 0:
            self._insert_stores()
        lists.run(
            """
            INSERT INTO buffer_movement (id, line_id, kind, change, before, after, order_number, correction_number, note, by_id, happened_at, at)
            SELECT 1000000 + i, line, CASE WHEN step = 0 THEN 'RECEIPT' ELSE 'WITHDRAWAL' END, CASE WHEN step = 0 THEN 7 ELSE -1 END,
              CASE WHEN step = 0 THEN 0 ELSE 8 - step END, 7 - step, 'U-2026-' || lpad(i::text, 8, '0') || '-1', '', '', %(by)s, at, at
            FROM (
              SELECT i, at, line, (row_number() OVER (PARTITION BY line ORDER BY i) - 1) %% 8 AS step FROM (
                SELECT i, now() - (%(last)s - i) * (interval '5 years' / %(last)s) AS at,
                  %(first_line)s + CASE WHEN i %% 100 = 0 THEN 0 ELSE 1 + i * 7919 %% (%(lines)s - 1) END AS line
                FROM generate_series(%(first)s::bigint, %(last)s - 1) i
              ) spread
            ) numbered;
            UPDATE buffer_stockline SET on_hand = last.after, last_withdrawn_at = last.at, stocked_at = last.at - interval '30 days'
            FROM (SELECT DISTINCT ON (line_id) line_id, after, at FROM buffer_movement ORDER BY line_id, id DESC) last WHERE last.line_id = buffer_stockline.id
            """,
            first=0,
            last=last,
            lines=STORES * LINES,
            first_line=FIRST_LINE,
            by=self.me.pk,
        )

    def grow_to(self, size: int) -> None:
        """The ledger is made anew, so that it covers the same five years at every size."""
        lists.run("SET session_replication_role = replica; TRUNCATE buffer_movement; SET session_replication_role = DEFAULT")
        super().grow_to(size)

    def _insert_stores(self) -> None:
        """The first two are those of the one who asks."""
        lists.run(
            """
            INSERT INTO buffer_store (id, number, unit_id, name, location, delivery_days, top_up, is_paused, pause_reason, counts_blind, is_active)
            SELECT 1000000 + i, 'B' || i, CASE WHEN i < 2 THEN %(mine)s ELSE %(others)s END, 'Förråd ' || i, '', '{}', 'AT_ONCE', false, '', false, true
            FROM generate_series(0, %(stores)s - 1) i;
            INSERT INTO buffer_stockline (id, store_id, article_id, on_hand, on_order, safety_level, target_level, place, place_sort, is_paused, pause_reason)
            SELECT %(first_line)s + i, 1000000 + i / %(lines)s, (%(articles)s::bigint[])[i %% %(lines)s + 1], 0, 0, 2, 7,
              'A' || i %% %(lines)s, 'a' || lpad((i %% %(lines)s)::text, 10, '0'), false, ''
            FROM generate_series(0, %(stores)s * %(lines)s - 1) i
            """,
            stores=STORES,
            lines=LINES,
            first_line=FIRST_LINE,
            mine=self.me.unit_id,
            others=self.by[0][0].unit_id,
            articles=[article.pk for article in self.articles[:LINES]],
        )

    def _insert_one_persons(self, number: int) -> None:
        """Nothing of a store is one person's."""

    def pages(self) -> dict[str, str]:
        here, busy, other = "/buffertforrad/B0/", self.articles[0].pk, self.articles[1].pk
        from buffer.models import Movement
        from core.paging import keyset_page

        middle = keyset_page(Movement.objects.filter(line=FIRST_LINE), order=("-id",), cursor=None, size=self.size // 200).next_cursor
        return {
            "store": here,
            "by name": f"{here}?sortering=namn",
            "below": f"{here}?visa=under",
            "stands still": f"{here}?visa=still",
            "search": f"{here}?q=artikel+7",
            "article": f"{here}artikel/{other}/",
            "busy article": f"{here}artikel/{busy}/",
            "its middle": f"{here}artikel/{busy}/?{urlencode({'cursor': str(middle)})}",
            "figures": f"{here}siffror/",
            "Excel": f"{here}excel/",
            "uttag": f"{here}uttag/",
            "top-up": f"{here}pafyllning/",
            "start page": "/",
        }

    def tasks(self) -> dict[str, Callable[[], object]]:
        from buffer.checking import breaches
        from orders.actions.top_up import stores_in_need

        def check() -> Any:
            found = breaches()
            assert found == [], found

        return {"nightly check": check, "in need": stores_in_need}


if __name__ == "__main__":
    sys.exit(lists.main(StoreWorld))
