"""Charts: what is drawn is what the table says."""

from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string

from core import charts
from core.charts import Series

MONTHS = ("jan", "feb", "mars")


def rendered(chart: charts.Chart) -> BeautifulSoup:
    return BeautifulSoup(render_to_string("components/chart.html", {"chart": chart}), "html.parser")


def test_columns_stand_on_zero_and_the_highest_reaches_its_value() -> None:
    chart = charts.columns("Uttag", MONTHS, [Series("Uttag", (0, 50, 100))])
    assert [text for _, text in chart.ticks] == ["0", "50", "100"]
    assert [(bar.y, bar.height) for bar in chart.bars] == [("200.0", "0.0"), ("100.0", "100.0"), ("0.0", "200.0")]
    assert chart.zero == "200.0"


def test_what_is_negative_hangs_below_zero() -> None:
    chart = charts.columns("Belopp", MONTHS, [Series("Belopp", (Decimal("-100.50"), 100, 0))], unit="kr")
    credit, sale, _ = chart.bars
    assert float(credit.y) == pytest.approx(float(chart.zero), abs=0.1)
    assert float(credit.height) > float(sale.height) > 0
    assert credit.text == "jan, Belopp: −100,50\xa0kr"


def test_the_table_says_what_is_drawn_also_where_there_is_no_value() -> None:
    soup = rendered(charts.columns("Uttag", MONTHS, [Series("I år", (1, None, 1140)), Series("I fjol", (3, 4, 5))]))
    rows = [[cell.get_text(strip=True) for cell in row.find_all(["th", "td"])] for row in soup.select("tbody tr")]
    assert rows == [["jan", "1", "3"], ["feb", "–", "4"], ["mars", "1\xa0140", "5"]]
    assert len(soup.select(".chart-plot rect")) == 5
    assert not soup.find(style=True)


def test_bars_are_as_wide_as_their_share_of_the_greatest() -> None:
    soup = rendered(charts.bars("Per leverantör", ("A", "B"), [Series("Antal", (4, 1))], heading="Leverantör"))
    assert [bar["width"] for bar in soup.select("tbody rect")] == ["100.00%", "25.00%"]


@pytest.mark.parametrize("values", [(), (0, 0, 0), (None, None, None), (1, 1, 1), (10**9, 1, 0)])
def test_any_values_can_be_drawn(values: tuple[int | None, ...]) -> None:
    chart = charts.columns("Uttag", MONTHS[: len(values)], [Series("Uttag", values)])
    assert chart.is_empty == (not any(value is not None for value in values))
    assert all(0 <= float(bar.y) <= charts.HEIGHT for bar in chart.bars)


def test_too_many_series_or_a_value_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match="three series"):
        charts.bars("Fyra", ("A",), [Series(str(number), (1,)) for number in range(4)])
    with pytest.raises(ValueError, match="three series"):
        charts.columns("Ett för få", MONTHS, [Series("Uttag", (1, 2))])
