"""The lists of arbetsorder at 50,000 and at 1 million: `python -m bench.work_lists [50000 1000000]`. Made and measured as `bench.lists` does.

Every arbetsorder lies at one of four units, so that a unit's list is as long as the numbers say: 12,500 and 250,000. 5 % are open, a fifth of
those planned, a tenth waiting to be completed, a tenth overdue; half are repairs, one in fifty a konsultation; an aid has had about ten.
"""

import sys
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urlencode

from bench import lists


class WorkWorld(lists.World):
    TABLES: ClassVar[tuple[str, ...]] = ("workorders_workorder",)

    def _insert_orders(self, first: int, last: int) -> None:
        lists.run(
            """
            INSERT INTO workorders_workorder (id, public_id, number, status, kind, unit_id, patient_id, orderer_id, prescriber_id, customer_id,
              created_at, changed_at, placed_at, erp_number, promised_on, is_delayed,
              version, customer_number, payer_number, payer_name, individual_number, article_number, aid_name, aid_location, side, description,
              instruction, risk_analysis, wants_cost_proposal, need, place, needs_loaner, has_infection_risk, infection_note, haste, is_second,
              start_by, done_by, received_sequence, cancelled_sequence, promised_sequence, sent_again_after, planned_on,
              method, recipient_name, care_of, street, postal_code, city, door_code, has_no_door_code, is_hospital, contact_name, contact_phone, instructions)
            SELECT 1000000 + i, lpad(to_hex(i), 32, '0')::uuid, 'A-2026-' || lpad(i::text, 8, '0') || '-' || i %% 10,
              CASE WHEN is_open THEN (ARRAY['PLANNED', 'PLANNED', 'NEEDS_COMPLETION', 'RECEIVED', 'STARTED', 'WAITING', 'STARTED', 'STARTED', 'RECEIVED',
                'PLACED'])[n %% 10 + 1]
                WHEN i %% 33 = 0 THEN 'CANCELLED' ELSE 'COMPLETED' END,
              (ARRAY['REPAIR', 'ADAPTATION', 'REPAIR', 'ASSEMBLY', CASE WHEN i / 7 %% 50 = 4 THEN 'CONSULTATION' ELSE 'INSTALLATION' END])[i / 7 %% 5 + 1],
              (%(units)s::bigint[])[u + 1], 1000000 + i / 25,
              (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(by)s::bigint[])[u * %(m)s + i %% %(m)s + 1], (%(customers)s::bigint[])[u + 1],
              at, at, at, 'S2-' || i, at::date + 10, is_open AND n %% 10 = 3,
              1, '600001', '900001', 'Betalaren', '40-' || i / 10, '118', 'Rullstol', '', '', 'Bromsen tar inte.',
              '', '', false, '', 'CENTRE', false, false, '', 'NORMAL', false,
              CASE WHEN is_open AND n %% 10 = 9 THEN now() - interval '1 day' ELSE now() + interval '2 days' END, now() + interval '9 days', 1, 0, 1, 0,
              CASE WHEN is_open AND n %% 10 < 2 THEN current_date + (n / 10 %% 20)::int ELSE at::date + 5 END,
              'HOME', 'Tolvan Tolvansson', '', 'Storgatan 1', '44130', 'Alingsås', '1357', false, false, '', '', ''
            FROM (
              SELECT i, i / 25 %% %(n)s AS u, i %% 20 = i / 100 %% 20 AS is_open, i / 20 + i / 100 AS n,
                timestamptz '2021-01-01' + i * interval '2 minutes' AS at
              FROM generate_series(%(first)s, %(last)s - 1) i
            ) numbered
            """,
            first=first,
            last=last,
            **self._everybody(),
        )

    def _insert_one_persons(self, number: int) -> None:
        from tests import factories
        from workorders.models import WorkOrder

        patient = factories.patient(self.me)
        WorkOrder.objects.bulk_create(WorkOrder(unit=self.me.unit, patient=patient, orderer=self.me, prescriber=self.me, kind="REPAIR") for _ in range(number))

    def pages(self) -> dict[str, str]:
        from workorders.models import WorkOrder

        middle, day = self.size // 2, "2021-01-05"
        narrowed = {
            "first page": {},
            "page 500": {"cursor": lists.cursor_in_the_middle(self, WorkOrder.objects.listed_to(self.me).sent())},
            "by planned day": {"sortering": "planerad"},
            "open": {"status": "oppna"},
            "late": {"status": "forsenade"},
            "to complete": {"status": "NEEDS_COMPLETION"},
            "cancelled": {"status": "CANCELLED"},
            "repairs": {"slag": "REPAIR"},
            "consultations": {"slag": "CONSULTATION"},
            "late repairs": {"slag": "REPAIR", "status": "forsenade"},
            "one prescriber": {"forskrivare": str(self.me.pk)},
            "one's own": {"vems": "mina"},
            "number": {"nummer": f"A-2026-{middle:08}"},
            "aid": {"individ": f"40-{middle // 10}"},
            "days": {"fran": day, "till": day},
        }
        pages = {name: f"/arbetsorder/?{urlencode(query)}" for name, query in narrowed.items()}
        return pages | {"planned visits": "/arbetsorder/planerade/", "drafts": "/arbetsorder/utkast/"}

    def tasks(self) -> dict[str, Callable[[], object]]:
        from django.utils import timezone

        from workorders.actions import lateness, proposals

        return {"tell of late": lambda: lateness.tell_of_late(timezone.now()), "remind": lambda: proposals.remind_of_unanswered(timezone.now())}


if __name__ == "__main__":
    sys.exit(lists.main(WorkWorld))
