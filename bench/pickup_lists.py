"""The lists of hämtorder at 50,000 and at 500,000: `python -m bench.pickup_lists [50000 500000]`. Made and measured as `bench.lists` does.

Every hämtorder lies at one of four units, so that a unit's list is as long as the numbers say: 12,500 and 125,000. 5 % are open, two fifths of
those planned for one of the coming twenty days, a tenth late; each is about one loan, and an aid has had about ten.
"""

import datetime
import sys
import uuid
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urlencode

from bench import lists


class PickupWorld(lists.World):
    TABLES: ClassVar[tuple[str, ...]] = ("pickups_pickuporder", "pickups_pickupitem", "patients_loan")

    def _insert_orders(self, first: int, last: int) -> None:
        lists.run(
            """
            INSERT INTO patients_loan (id, patient_id, provider_id, unit_id, article_id, individual_number, quantity, lot, udi, order_number, source,
              earlier_numbers, is_under_investigation, is_lost, on_pickup, returned, started_at)
            SELECT 1000000 + i, 1000000 + i / 25, %(provider)s, (%(units)s::bigint[])[i / 25 %% %(n)s + 1], (%(articles)s::bigint[])[i %% %(a)s + 1],
              '40-' || i / 10, 1, '', '', '', 'bench/' || i, ARRAY['39-' || i / 10], false, false, 0, 0, timestamptz '2020-01-01'
            FROM generate_series(%(first)s, %(last)s - 1) i;
            INSERT INTO pickups_pickuporder (id, public_id, number, status, unit_id, patient_id, orderer_id, prescriber_id, customer_id,
              created_at, changed_at, placed_at, erp_number, promised_on, is_delayed, version, customer_number, payer_number, payer_name,
              reason, has_other_address, is_cleaned, has_infection_risk, infection_note, fetch_by, rent_ends_on, deregister_by,
              received_sequence, cancelled_sequence, date_sequence, delayed_sequence,
              method, recipient_name, care_of, street, postal_code, city, door_code, has_no_door_code, is_hospital, contact_name, contact_phone, instructions)
            SELECT 1000000 + i, lpad(to_hex(i), 32, '0')::uuid, 'H-2026-' || lpad(i::text, 8, '0') || '-' || i %% 10,
              CASE WHEN is_open THEN (ARRAY['PLANNED', 'PLANNED', 'RECEIVED', 'PICKED_UP', 'PLACED'])[n %% 5 + 1]
                WHEN i %% 33 = 0 THEN 'CANCELLED' ELSE 'DEREGISTERED' END,
              (%(units)s::bigint[])[u + 1], 1000000 + i / 25,
              (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(customers)s::bigint[])[u + 1],
              at, at, at, 'S2-' || i, CASE WHEN is_open AND n %% 5 < 2 THEN current_date + (n / 5 %% 20)::int ELSE at::date + 5 END,
              is_open AND n %% 20 = 3, 1, '600001', '900001', 'Betalaren',
              (ARRAY['NOT_NEEDED', 'EXCHANGE', 'DECEASED', 'MOVED'])[i %% 4 + 1], false, true, false, '',
              CASE WHEN is_open AND n %% 20 <> 8 THEN current_date + 5 ELSE at::date + 9 END, at::date + 3,
              CASE WHEN is_open AND n %% 20 <> 8 THEN current_date + 5 ELSE at::date + 9 END, 1, 0, 1, 0,
              'HOME', 'Tolvan Tolvansson', '', 'Storgatan ' || i %% 90, (44100 + i %% 80)::text, 'Alingsås', '1357', false, false, '', '', ''
            FROM (
              SELECT i, i / 25 %% %(n)s AS u, i %% 20 = i / 100 %% 20 AS is_open, i / 20 + i / 100 AS n,
                timestamptz '2021-01-01' + i * interval '4 minutes' AS at
              FROM generate_series(%(first)s, %(last)s - 1) i
            ) numbered;
            INSERT INTO pickups_pickupitem (order_id, line, loan_id, article_id, quantity, individual_number, part_of_individual, article_name, article_number,
              response_sequence, cancelled_reason, is_cancellation_requested, found_sequence)
            SELECT 1000000 + i, 1, 1000000 + i, (%(articles)s::bigint[])[i %% %(a)s + 1], 1, '40-' || i / 10, '', 'Rullstol', '118', 0, '', false, 0
            FROM generate_series(%(first)s, %(last)s - 1) i;
            """,
            first=first,
            last=last,
            a=lists.ARTICLES,
            articles=[article.pk for article in self.articles],
            provider=self.me.unit.provider_id,
            **self._everybody(),
        )

    def _insert_one_persons(self, number: int) -> None:
        from pickups.models import PickupOrder
        from tests import factories

        patient = factories.patient(self.me)
        PickupOrder.objects.bulk_create(PickupOrder(unit=self.me.unit, patient=patient, orderer=self.me, prescriber=self.me) for _ in range(number))

    def pages(self) -> dict[str, str]:
        from django.utils import timezone

        from pickups.models import PickupOrder

        middle, day = self.size // 2, "2021-01-05"
        next_week = timezone.localdate() + datetime.timedelta(days=7)
        year, week, _ = next_week.isocalendar()
        narrowed = {
            "first page": {},
            "page 500": {"cursor": lists.cursor_in_the_middle(self, PickupOrder.objects.listed_to(self.me).sent())},
            "by pickup day": {"sortering": "hamtdag"},
            "open": {"status": "oppna"},
            "late": {"status": "forsenade"},
            "planned": {"status": "PLANNED"},
            "cancelled": {"status": "CANCELLED"},
            "one reason": {"orsak": "DECEASED"},
            "one prescriber": {"forskrivare": str(self.me.pk)},
            "one's own": {"vems": "mina"},
            "one patient's": {"patient": str(uuid.UUID(int=5))},
            "number": {"nummer": f"H-2026-{middle:08}"},
            "aid": {"individ": f"40-{middle // 10 + 3}"},
            "aid, old number": {"individ": f"39-{middle // 10 + 3}"},
            "no such aid": {"individ": "finns-inte"},
            "days": {"fran": day, "till": day},
        }
        pages = {name: f"/hamtorder/?{urlencode(query)}" for name, query in narrowed.items()}
        weeks = {"this week": "/hamtorder/vecka/", "next week": f"/hamtorder/vecka/?vecka={year}-W{week:02}", "empty week": "/hamtorder/vecka/?vecka=2020-W01"}
        return pages | weeks | {"drafts": "/hamtorder/utkast/"}

    def tasks(self) -> dict[str, Callable[[], object]]:
        from django.utils import timezone

        from pickups.actions import lateness

        return {"tell of late": lambda: lateness.tell_of_late(timezone.localdate())}


if __name__ == "__main__":
    sys.exit(lists.main(PickupWorld))
