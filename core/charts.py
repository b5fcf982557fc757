"""Charts as the server draws them: bars in SVG, with the table that says the same beside them (components/chart.html).

Series are told apart by pattern as well as by colour, so that they can be read without colour.
"""

import dataclasses
import math
from collections.abc import Sequence
from decimal import Decimal

from core.templatetags.ui import kr, thousands

Number = int | Decimal
HEIGHT = 200  # of the drawing, px
MOST_SERIES = 3
_STEPS = 4
_FILL = 0.72  # of a label's width, what its bars take
# With more labels than this every second one is left out on a narrow screen.
_MOST_LABELS = 8


@dataclasses.dataclass(frozen=True)
class Series:
    """One value for each label; None where there is none."""

    name: str
    values: Sequence[Number | None]


@dataclasses.dataclass(frozen=True)
class Bar:
    """`x` and `width` in per cent of the drawing's width, `y` and `height` in px from its top; `tone` is the place of its series."""

    x: str
    width: str
    y: str
    height: str
    tone: int
    text: str


@dataclasses.dataclass(frozen=True)
class Label:
    text: str
    x: str
    is_minor: bool


@dataclasses.dataclass(frozen=True)
class Cell:
    """A value as the table shows it; `width` in per cent of the greatest of its chart."""

    series: str
    text: str
    width: str
    tone: int


@dataclasses.dataclass(frozen=True)
class Chart:
    """`is_upright`: columns along a line of time; else bars in the table's own rows."""

    caption: str
    heading: str
    is_upright: bool
    series: list[str]
    rows: list[tuple[str, list[Cell]]]
    bars: list[Bar]
    labels: list[Label]
    ticks: list[tuple[str, str]]  # (y in px, text)
    zero: str

    height = HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(cell.text != "–" for _, cells in self.rows for cell in cells)


def columns(caption: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = "st", heading: str = "Månad") -> Chart:
    """Values over time, one group of columns for each label. `unit` is st or kr, `heading` what the labels are. At most `MOST_SERIES` series."""
    _check(labels, series)
    low, high, step = _scale(series)

    def y(value: Number | float) -> float:
        return HEIGHT * (high - float(value)) / (high - low)

    share = 100 / max(len(labels), 1)
    width = share * _FILL / max(len(series), 1)
    bars = []
    for place, label in enumerate(labels):
        for tone, one in enumerate(series):
            value = one.values[place]
            if value is None:
                continue
            top, bottom = sorted((y(value), y(0)))
            left = share * place + share * (1 - _FILL) / 2 + width * tone
            bars.append(Bar(_percent(left), _percent(width), f"{top:.1f}", f"{bottom - top:.1f}", tone, f"{label}, {one.name}: {_shown(value, unit)}"))
    named = [Label(label, _percent(share * (place + 0.5)), len(labels) > _MOST_LABELS and place % 2 == 1) for place, label in enumerate(labels)]
    ticks = [(f"{y(low + step * number):.1f}", thousands(round(low + step * number))) for number in range(round((high - low) / step) + 1)]
    return _chart(caption, heading, labels, series, unit, is_upright=True, bars=bars, labels_of=named, ticks=ticks, zero=f"{y(0):.1f}")


def bars(caption: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = "st", heading: str = "") -> Chart:
    """Values of things with names, such as suppliers: a bar in each row of the table. For values that are not negative."""
    _check(labels, series)
    return _chart(caption, heading, labels, series, unit, is_upright=False, bars=[], labels_of=[], ticks=[], zero="0")


def _chart(
    caption: str,
    heading: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    *,
    is_upright: bool,
    bars: list[Bar],
    labels_of: list[Label],
    ticks: list[tuple[str, str]],
    zero: str,
) -> Chart:
    greatest = max((float(value) for one in series for value in one.values if value is not None), default=0) or 1
    rows = [
        (
            label,
            [
                Cell(one.name, _shown(one.values[place], unit), _percent(max(100 * float(one.values[place] or 0) / greatest, 0)), tone)
                for tone, one in enumerate(series)
            ],
        )
        for place, label in enumerate(labels)
    ]
    return Chart(caption, heading, is_upright, [one.name for one in series], rows, bars, labels_of, ticks, zero)


def _check(labels: Sequence[str], series: Sequence[Series]) -> None:
    if len(series) > MOST_SERIES or any(len(one.values) != len(labels) for one in series):
        raise ValueError("at most three series, each with a value for each label")


def _scale(series: Sequence[Series]) -> tuple[float, float, float]:
    """Lowest and highest line and the step between lines: 1, 2 or 5 times a power of ten, zero among them, whole numbers."""
    values = [float(value) for one in series for value in one.values if value is not None] or [0.0]
    low, high = min(*values, 0.0), max(*values, 0.0)
    rough = max((high - low) / _STEPS, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return math.floor(low / step) * step, max(math.ceil(high / step), 1) * step, step


def _shown(value: Number | None, unit: str) -> str:
    if value is None:
        return "–"
    return kr(value) if unit == "kr" else thousands(value)


def _percent(number: float) -> str:
    return f"{number:.2f}%"
