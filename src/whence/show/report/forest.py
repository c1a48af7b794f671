"""The picture that answers the question: each effect with its interval, the margin shaded, the A/A band behind.

`forest` gathers the drawing as data; the HTML report lays it out as a table with one small drawing a row, so that text
stays text; `standalone` makes one SVG file of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from whence.evidence.comparison import Comparison, Effect
from whence.show.report import names, numbers, reading, sentence, table
from whence.show.report.scale import RatioAxis, Tick, ratio_axis

MOST_ROWS = 400
Band = tuple[float, float]


class Bar(NamedTuple):
    """One row's drawing in percent of the width. None where there is nothing to draw."""

    margin: tuple[float, float] | None
    band: tuple[float, float] | None
    thin: tuple[float, float] | None
    thick: tuple[float, float] | None
    point: float | None


class Row(NamedTuple):
    """One effect: what is written and what is drawn."""

    label: str
    base: str
    value: str
    unit: str
    ratio: str
    interval: str
    verdict: str
    mark: str
    word: str
    needed: str
    bar: Bar


class Group(NamedTuple):
    """The effects of one metric; `code` is the name to type."""

    title: str
    code: str
    rows: tuple[Row, ...]


class Forest(NamedTuple):
    """Everything that is drawn. `left_out` counts effects beyond `MOST_ROWS`."""

    base: str
    value_head: str
    groups: tuple[Group, ...]
    axis: RatioAxis
    ticks: tuple[Tick, ...]
    same: float
    left_out: int
    has_band: bool
    has_margin: bool
    has_thin: bool


def forest(
    comparison: Comparison, effects: tuple[Effect, ...], bands: Mapping[reading.MetricKey, Band] | None = None
) -> Forest:
    """Returns the drawing of `effects` on one axis. `bands`: what the base shows against itself, by metric."""
    who = table.columns(comparison)
    wanted = [effect for effect in effects if effect.candidate in who]
    drawn = _most_telling(wanted)
    bands = bands or {}
    axis = ratio_axis(
        [number for e in drawn for number in (e.ratio, e.low, e.high)], [effect.margin for effect in drawn]
    )
    groups = _groups(comparison, drawn, axis, bands, single=len(who) == 1)
    bars = [row.bar for group in groups for row in group.rows]
    return Forest(
        base=names.label(comparison, reading.base_name(comparison)),
        value_head=names.label(comparison, who[0]) if len(who) == 1 else "candidate",
        groups=groups,
        axis=axis,
        ticks=axis.ticks(),
        same=axis.at(1.0),
        left_out=len(wanted) - len(drawn),
        has_band=any(bar.band is not None for bar in bars),
        has_margin=any(bar.margin is not None for bar in bars),
        has_thin=any(bar.thin is not None for bar in bars),
    )


def _most_telling(effects: list[Effect]) -> list[Effect]:
    """Returns the effects to draw in their order: all, or those that differ before those that do not."""
    if len(effects) <= MOST_ROWS:
        return effects
    rank = {"worse": 0, "better": 0, "undetermined": 1, "equivalent": 2}
    order = sorted(range(len(effects)), key=lambda index: (rank[effects[index].verdict], index))
    return [effects[index] for index in sorted(order[:MOST_ROWS])]


def _groups(
    comparison: Comparison,
    effects: list[Effect],
    axis: RatioAxis,
    bands: Mapping[reading.MetricKey, Band],
    *,
    single: bool,
) -> tuple[Group, ...]:
    """Returns one group a metric; with one candidate the metrics of the process are the rows of one group."""
    grouped: dict[tuple[str, str], list[tuple[Effect, str]]] = {}
    for effect in effects:
        words = names.capital(names.metric_words(effect.metric, effect.benchmark).text)
        if single and effect.benchmark is None:
            grouped.setdefault(("", ""), []).append((effect, words))
        elif single:
            title = names.capital(names.metric_words(effect.metric).text)
            code = names.clean(effect.metric)
            grouped.setdefault((title, code), []).append((effect, names.clean(effect.benchmark or "")))
        else:
            who = names.label(comparison, effect.candidate)
            grouped.setdefault((words, names.metric_key(effect)), []).append((effect, who))
    return tuple(
        Group(title, code, tuple(_row(effect, label, axis, bands, comparison.interim) for effect, label in members))
        for (title, code), members in grouped.items()
    )


def _row(effect: Effect, label: str, axis: RatioAxis, bands: Mapping[reading.MetricKey, Band], interim: bool) -> Row:
    width = None
    if effect.ratio and effect.low is not None and effect.high is not None and effect.high > effect.low:
        width = (effect.high - effect.low) / effect.ratio
    elif effect.exact and effect.ratio not in {1.0, None}:
        width = 0.0
    scale = numbers.scale_for((effect.base_value, effect.candidate_value), effect.unit, relative_width=width)
    decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high, exact=effect.exact)
    return Row(
        label=label,
        base=numbers.value_text(effect.base_value, scale),
        value=numbers.value_text(effect.candidate_value, scale),
        unit=names.clean(scale.unit),
        ratio=f"×{numbers.ratio_text(effect.ratio, decimals)}" if effect.ratio is not None else numbers.MISSING,
        interval="exact" if effect.exact else numbers.interval_text(effect.low, effect.high, decimals),
        verdict=effect.verdict,
        mark=names.MARKS[effect.verdict],
        word=names.WORDS[effect.verdict],
        needed=_needed(effect, interim),
        bar=_bar(effect, axis, bands.get((effect.metric, effect.benchmark))),
    )


def _needed(effect: Effect, interim: bool) -> str:
    """Returns what stands under the verdict: how much more data would do, or that a difference is inside the margin."""
    if effect.verdict == "undetermined":
        return sentence.still_needed(effect, interim=interim)
    return "differs within the margin" if effect.verdict == "equivalent" and effect.differs else ""


def _bar(effect: Effect, axis: RatioAxis, band: Band | None) -> Bar:
    def span(low: float | None, high: float | None) -> tuple[float, float] | None:
        return None if low is None or high is None else (axis.at(low), axis.at(high))

    margin = (1.0 - min(effect.margin, 0.99), 1.0 + effect.margin) if effect.margin > 0 else None
    noisy = not effect.exact
    return Bar(
        margin=span(*margin) if margin is not None else None,
        band=span(*band) if band is not None else None,
        thin=span(effect.corrected_low, effect.corrected_high) if noisy else None,
        thick=span(effect.low, effect.high) if noisy else None,
        point=axis.at(effect.ratio) if effect.ratio is not None and effect.ratio > 0 else None,
    )


def standalone(comparison: Comparison) -> str:
    """Returns the picture as one SVG document with the sentence above it, for a README or a chat. See `picture`."""
    from whence.show.report import picture

    return picture.svg(comparison)


def measured_bands(comparison: Comparison) -> dict[reading.MetricKey, Band]:
    """Returns the intervals of the base against itself, when it was measured a second time."""
    return {
        (effect.metric, effect.benchmark): (effect.low, effect.high)
        for effect in reading.aa_effects(comparison)
        if effect.low is not None and effect.high is not None and not effect.exact
    }
