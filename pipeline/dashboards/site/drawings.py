"""Charts as SVG: lines with an interval, stacked bars, sparklines.

Drawings are stretched to the width of the page; their labels are HTML, so that they
stay readable on a phone. Every value is also in the text of the drawing, and pages show
the rows in a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

Value = float | None
WIDTH, HEIGHT = 1000, 200


@dataclass(frozen=True)
class Series:
    """Values to draw, one per label of the chart.

    Attributes:
        name: In the legend.
        style: Class of its colour in site.css.
        values: None where there is none.
    """

    name: str
    style: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Chart:
    """A chart over labels from left to right.

    Attributes:
        title: What it shows.
        labels: Months or days, one per value.
        shown: How a value is written.
        lines: Drawn as lines.
        bars: Drawn as bars on top of each other, negative ones below zero.
        band: Lower and upper values of an interval.
        from_zero: Whether the scale includes zero.
        scale_by_band: Whether the interval takes part in the scale; otherwise it is
            cut where it leaves it.
        band_name: Of the interval, in the legend.
        most_labels: How many labels there is room for.
        hover_every: How many labels share a text for the pointer, which is that of the
            last of them.
    """

    title: str
    labels: Sequence[str]
    shown: Callable[[Value], str]
    lines: Sequence[Series] = field(default_factory=tuple)
    bars: Sequence[Series] = field(default_factory=tuple)
    band: tuple[Sequence[Value], Sequence[Value]] | None = None
    from_zero: bool = True
    scale_by_band: bool = True
    band_name: str = "95% interval"
    most_labels: int = 6
    hover_every: int = 1

    def svg(self) -> Markup:
        """The chart as HTML; nothing where there is no value."""
        low, high = self._extent()
        if math.isinf(low):
            return Markup('<p class="nothing">Nothing to draw yet.</p>')
        ticks = nice_ticks(low, high)
        scale = _Scale(ticks[0], ticks[-1], len(self.labels), bool(self.bars))
        parts = [self._band(scale), *self._bars(scale)]
        parts += [_line(line, scale) for line in self.lines]
        parts += self._hover(scale)
        grid = "".join(
            f'<line class="{"grid" if tick else "zero"}" x1="0" x2="{WIDTH}"'
            f' y1="{scale.y(tick):.1f}" y2="{scale.y(tick):.1f}"/>'
            for tick in ticks
        )
        levels = "".join(
            f'<span style="top:{100 * scale.y(tick) / HEIGHT:.1f}%">'
            f"{escape(self.shown(tick))}</span>"
            for tick in ticks
        )
        return Markup(
            f'<div class="chart">{self._legend()}<div class="plot">'
            f'<div class="levels" aria-hidden="true">{levels}</div>'
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
            f' role="img" aria-label="{escape(self.title)}">{grid}{"".join(parts)}'
            "</svg>"
            f"</div>{self._axis()}</div>"
        )

    def _extent(self) -> tuple[float, float]:
        values = [v for line in self.lines for v in line.values if v is not None]
        for i in range(len(self.labels) if self.bars else 0):
            column = [v for v in (bar.values[i] for bar in self.bars) if v is not None]
            values.append(math.fsum(v for v in column if v > 0))
            values.append(math.fsum(v for v in column if v < 0))
        if self.band and self.scale_by_band:
            values += [v for side in self.band for v in side if v is not None]
        if not values:
            return math.inf, -math.inf
        if self.from_zero:
            values.append(0.0)
        return min(values), max(values)

    # What follows is HTML: every text in it is escaped, and numbers need not be.

    def _band(self, scale: _Scale) -> str:
        """The interval; a gap where it has no value."""
        if not self.band:
            return ""
        lower, upper = self.band
        paths = []
        for run in runs(lower, upper):
            points = [(scale.x(i), scale.y(upper[i] or 0.0)) for i in run]
            points += [(scale.x(i), scale.y(lower[i] or 0.0)) for i in reversed(run)]
            paths.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z")
        return f'<path class="band" d="{"".join(paths)}"/>'

    def _bars(self, scale: _Scale) -> list[str]:
        drawn = []
        width = 0.7 * scale.step
        for i in range(len(self.labels)):
            above = below = 0.0
            for bar in self.bars:
                value = bar.values[i]
                if not value:
                    continue
                start = above if value > 0 else below
                end = start + value
                above, below = (end, below) if value > 0 else (above, end)
                top, bottom = sorted((scale.y(start), scale.y(end)))
                drawn.append(
                    f'<rect class="bar {escape(bar.style)}"'
                    f' x="{scale.x(i) - width / 2:.1f}" y="{top:.2f}"'
                    f' width="{width:.1f}" height="{bottom - top:.2f}"/>'
                )
        return drawn

    def _hover(self, scale: _Scale) -> list[str]:
        """What a column's values are, when the pointer is over it."""
        columns = []
        every = self.hover_every
        width = scale.step * every
        for i in range(len(self.labels) - 1, -1, -every):
            texts, end = [self.labels[i]], scale.x(i) + scale.step / 2
            for series in (*self.lines, *self.bars):
                if series.values[i] is not None:
                    texts.append(f"{series.name}: {self.shown(series.values[i])}")
            if self.band and self.band[0][i] is not None:
                low, high = (self.shown(side[i]) for side in self.band)
                texts.append(f"{self.band_name}: {low} to {high}")
            text = escape("\n".join(texts))
            columns.append(
                f'<rect class="hover" x="{end - width:.1f}" y="0"'
                f' width="{width:.1f}" height="{HEIGHT}">'
                f"<title>{text}</title></rect>"
            )
        return columns

    def _legend(self) -> str:
        items = [(line.name, f"key line {line.style}") for line in self.lines]
        items += [(bar.name, f"key {bar.style}") for bar in self.bars]
        if self.band:
            items.append((self.band_name, "key band"))
        if len(items) < 2:
            return ""
        shown = "".join(
            f'<span><i class="{escape(style)}"></i>{escape(name)}</span>'
            for name, style in items
        )
        return f'<p class="legend">{shown}</p>'

    def _axis(self) -> str:
        """As many labels as there is room for, evenly spread."""
        count = len(self.labels)
        every = max(1, math.ceil(count / self.most_labels))
        chosen = range((count - 1) % every, count, every)
        scale = _Scale(0, 1, count, bool(self.bars))
        shown = "".join(
            f'<span style="left:{100 * scale.x(i) / WIDTH:.1f}%">'
            f"{escape(self.labels[i])}</span>"
            for i in chosen
        )
        return f'<div class="labels" aria-hidden="true">{shown}</div>'


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    count: int
    has_bars: bool

    @property
    def step(self) -> float:
        return WIDTH / max(1, self.count)

    def x(self, i: int) -> float:
        return (i + 0.5) * self.step

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT * (1 - min(1.0, max(0.0, share)))


def runs(*columns: Sequence[Value]) -> list[list[int]]:
    """Stretches of neighbours where no column is None."""
    found: list[list[int]] = [[]]
    for i, values in enumerate(zip(*columns, strict=True)):
        if any(value is None for value in values):
            found.append([])
        else:
            found[-1].append(i)
    return [run for run in found if run]


def _line(line: Series, scale: _Scale) -> str:
    path, dots = "", []
    for run in runs(line.values):
        points = [(scale.x(i), scale.y(line.values[i] or 0.0)) for i in run]
        path += "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if len(points) == 1:  # a single value is no line
            dots.append(f"M{points[0][0] - 4:.1f},{points[0][1]:.1f}h8")
    return f'<path class="line {escape(line.style)}" d="{path}{"".join(dots)}"/>'


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers from at most the low to at least the high value."""
    if high <= low:
        low, high = low - abs(low) / 10 - 0.5, high + abs(high) / 10 + 0.5
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def sparkline(values: Sequence[Value], label: str) -> Markup:
    """A small line without scale; its label says what it shows."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = 96 / (len(values) - 1)

    def place(i: int) -> tuple[float, float]:
        share = ((values[i] or 0.0) - low) / span if high > low else 0.5
        return 2 + i * step, 22 - 20 * share

    path = "".join(
        "M" + "L".join("{:.1f},{:.1f}".format(*place(i)) for i in run)
        for run in runs(values)
    )
    last = max(i for i, value in enumerate(values) if value is not None)
    return Markup(
        '<svg class="spark" viewBox="0 0 100 24" role="img" aria-label="{}">'
        '<path d="{}"/><circle cx="{:.1f}" cy="{:.1f}" r="2"/></svg>'
    ).format(label, path, *place(last))
