"""Pages of a list by key, against real rows in PostgreSQL."""

import datetime
from collections.abc import Sequence

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.test.utils import CaptureQueriesContext

from core.paging import Page, keyset_page


class Thing(models.Model):
    """A table of this test alone: in a registry of its own, made and dropped with the test's transaction."""

    name = models.CharField(max_length=20)
    on = models.DateField(null=True)
    at = models.DateTimeField()
    price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        apps = Apps()
        app_label = "core"
        db_table = "test_paging_thing"


@pytest.fixture
def things(db: None) -> QuerySet[Thing]:
    with connection.schema_editor() as editor:
        editor.create_model(Thing)
    start = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    Thing.objects.bulk_create(
        Thing(
            name=f"Nr {i}",
            on=None if i % 4 == 0 else datetime.date(2026, 11, 1 + i % 3),
            at=start + datetime.timedelta(hours=i // 3, microseconds=7),
            price=i % 5,
        )
        for i in range(1, 24)
    )
    return Thing.objects.all()


def walk(queryset: QuerySet[Thing], order: Sequence[str], size: int = 5) -> tuple[list[list[int]], list[list[int]]]:
    """The pages forward to the end, and those back from there."""

    def ids(page: Page[Thing]) -> list[int]:
        return [row.pk for row in page.rows]

    page = keyset_page(queryset, order=order, cursor=None, size=size)
    assert page.previous_cursor is None
    forward = [ids(page)]
    while page.next_cursor:
        page = keyset_page(queryset, order=order, cursor=page.next_cursor, size=size)
        forward.append(ids(page))
    backward = [ids(page)]
    while page.previous_cursor:
        page = keyset_page(queryset, order=order, cursor=page.previous_cursor, size=size)
        backward.append(ids(page))
    return forward, backward


@pytest.mark.parametrize("order", [["id"], ["-id"], ["at", "id"], ["-at", "-id"], ["-at", "id"], ["price", "-at", "id"], ["-price", "-at", "-id"]])
def test_every_row_is_shown_once_in_order_forward_and_back(things: QuerySet[Thing], order: list[str]) -> None:
    expected = list(things.order_by(*order).values_list("pk", flat=True))
    forward, backward = walk(things, order)
    assert [pk for page in forward for pk in page] == expected
    assert [len(page) for page in forward] == [5, 5, 5, 5, 3]
    assert backward[::-1][-1] == forward[-1]
    assert [pk for page in backward[::-1] for pk in page] == expected


@pytest.mark.parametrize(("order", "sign"), [(["on", "id"], 1), (["-on", "-id"], -1), (["-on", "id"], None)])
def test_a_date_that_is_not_set_stands_as_one_very_far_away(things: QuerySet[Thing], order: list[str], sign: int | None) -> None:
    rows = sorted(things, key=lambda row: row.pk, reverse=sign == -1)
    rows.sort(key=lambda row: row.on or datetime.date.max, reverse=sign != 1)
    forward, backward = walk(things, order)
    assert [pk for page in forward for pk in page] == [row.pk for row in rows]
    assert [pk for page in backward[::-1] for pk in page] == [row.pk for row in rows]


def test_a_row_that_comes_in_between_neither_repeats_nor_hides_another(things: QuerySet[Thing]) -> None:
    first = keyset_page(things, order=["-at", "-id"], cursor=None, size=5)
    newest = first.rows[0].at
    Thing.objects.create(name="Ny", at=newest + datetime.timedelta(days=1), price=1)
    second = keyset_page(things, order=["-at", "-id"], cursor=first.next_cursor, size=5)
    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}
    back = keyset_page(things, order=["-at", "-id"], cursor=second.previous_cursor, size=5)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]
    assert back.previous_cursor is not None


def test_one_page_has_no_cursors_and_an_empty_list_no_rows(things: QuerySet[Thing]) -> None:
    assert keyset_page(things, order=["id"], cursor=None, size=23) == Page(rows=list(things.order_by("id")))
    assert keyset_page(things.none(), order=["id"], cursor=None) == Page(rows=[])


@pytest.mark.parametrize("bad", ["x", "a:b", "", None, "WyJuIiwiaTEiXQ:forged", "\x00", "å" * 3000])
def test_a_cursor_that_is_not_ours_gives_the_first_page(things: QuerySet[Thing], bad: str | None) -> None:
    assert keyset_page(things, order=["id"], cursor=bad, size=5).rows == list(things.order_by("id")[:5])


def test_a_cursor_of_another_order_gives_the_first_page(things: QuerySet[Thing]) -> None:
    cursor = keyset_page(things, order=["-at", "-id"], cursor=None, size=5).next_cursor
    assert keyset_page(things, order=["id"], cursor=cursor, size=5).rows == list(things.order_by("id")[:5])


def test_a_page_whose_rows_are_gone_gives_the_first_page(things: QuerySet[Thing]) -> None:
    cursor = keyset_page(things, order=["id"], cursor=None, size=20).next_cursor
    things.filter(pk__in=list(things.order_by("-id").values_list("pk", flat=True)[:3])).delete()
    page = keyset_page(things, order=["id"], cursor=cursor, size=20)
    assert len(page.rows) == 20
    assert page.previous_cursor is None


def test_text_may_not_stand_in_the_address(things: QuerySet[Thing]) -> None:
    with pytest.raises(TypeError):
        keyset_page(things, order=["name", "id"], cursor=None, size=5)


def test_an_annotation_can_be_paged_by(things: QuerySet[Thing]) -> None:
    annotated = things.annotate(length=Length("name"))
    forward, backward = walk(annotated, ["-length", "id"])
    assert [pk for page in forward for pk in page] == list(annotated.order_by("-length", "id").values_list("pk", flat=True))
    assert sum(map(len, backward)) == 23


def test_a_page_is_one_query_with_a_row_comparison_and_no_offset(things: QuerySet[Thing]) -> None:
    cursor = keyset_page(things, order=["-at", "-id"], cursor=None, size=5).next_cursor
    with CaptureQueriesContext(connection) as queries:
        keyset_page(things, order=["-at", "-id"], cursor=cursor, size=5)
    assert len(queries) == 1
    assert "ROW(" in queries[0]["sql"]
    assert "OFFSET" not in queries[0]["sql"]
