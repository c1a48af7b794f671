"""The table that every form of the report shows: metrics × variants, each cell with value, ratio, interval and mark."""

from __future__ import annotations

from typing import NamedTuple

from whence.evidence.comparison import Comparison, Effect
from whence.show.report import names, numbers, reading


class Cell(NamedTuple):
    """One candidate on one metric. Texts are empty where there is nothing to say."""

    value: str
    ratio: str
    interval: str
    verdict: str | None
    effect: Effect | None = None

    @property
    def mark(self) -> str:
        return names.MARKS[self.verdict] if self.verdict is not None else ""


class Row(NamedTuple):
    """One metric (or one benchmark of a metric), its values in one unit."""

    name: str
    unit: str
    base: str
    cells: tuple[Cell, ...]


class Section(NamedTuple):
    """Rows that belong together: metrics of the process, or the benchmarks of one unit and their geometric mean."""

    title: str
    rows: tuple[Row, ...]


def sections(comparison: Comparison, effects: tuple[Effect, ...] | None = None) -> tuple[Section, ...]:
    """Returns the table of the chosen effects (or of `effects`), candidates in the order of `columns`."""
    chosen = comparison.effects if effects is None else effects
    index = reading.effect_index(chosen)
    keys = reading.metric_keys(chosen)
    who = columns(comparison)
    plain = [key for key in keys if key[1] is None]
    result: list[Section] = []
    if plain:
        result.append(Section("", tuple(_row(key, key[0], index, who) for key in plain)))
    for metric in dict.fromkeys(key[0] for key in keys if key[1] is not None):
        of_metric = [key for key in keys if key[0] == metric and key[1] is not None]
        rows = [_row(key, key[1] or "", index, who) for key in of_metric]
        if len(rows) > 1:
            rows += _geometric_mean(comparison, metric, index[(of_metric[0], _first(index, of_metric[0], who))], who)
        result.append(Section(names.clean(metric), tuple(rows)))
    return tuple(result)


def columns(comparison: Comparison) -> tuple[str, ...]:
    """Returns the names of the candidates that have a column; the A/A variant has a line of its own instead."""
    return reading.candidates(comparison)


def _first(index: dict[tuple[reading.MetricKey, str], Effect], key: reading.MetricKey, who: tuple[str, ...]) -> str:
    return next((name for name in who if (key, name) in index), next(c for k, c in index if k == key))


def _row(
    key: reading.MetricKey, name: str, index: dict[tuple[reading.MetricKey, str], Effect], who: tuple[str, ...]
) -> Row:
    effects = [index.get((key, candidate)) for candidate in who]
    present = [effect for effect in effects if effect is not None]
    if not present:
        present = [effect for (other, _), effect in index.items() if other == key][:1]
    base = present[0].base_value
    scale = numbers.scale_for(
        [base, *(e.candidate_value for e in present)], present[0].unit, relative_width=_narrowest(present)
    )
    cells = tuple(_cell(effect, scale) for effect in effects)
    return Row(names.clean(name), names.clean(scale.unit), numbers.value_text(base, scale), cells)


def _narrowest(effects: list[Effect]) -> float | None:
    """Returns the narrowest relative interval; 0 when an exact metric differs; None when there is none."""
    if any(effect.exact and effect.ratio not in {1.0, None} for effect in effects):
        return 0.0
    widths = [
        (e.high - e.low) / e.ratio
        for e in effects
        if e.ratio and e.low is not None and e.high is not None and e.high > e.low
    ]
    return min(widths, default=None)


def _cell(effect: Effect | None, scale: numbers.Scale) -> Cell:
    if effect is None:
        return Cell("", "", "", None)
    decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high, exact=effect.exact)
    ratio = "" if effect.ratio is None else f"×{numbers.ratio_text(effect.ratio, decimals)}"
    interval = "exact" if effect.exact else numbers.interval_text(effect.low, effect.high, decimals)
    return Cell(numbers.value_text(effect.candidate_value, scale), ratio, interval, effect.verdict, effect)


def _geometric_mean(comparison: Comparison, metric: str, sample: Effect, who: tuple[str, ...]) -> list[Row]:
    means = {g.candidate: g for g in comparison.geometric_means if g.unit in {metric, sample.unit}}
    if not means:
        return []
    cells: list[Cell] = []
    for candidate in who:
        mean = means.get(candidate)
        if mean is None or mean.ratio is None:
            cells.append(Cell("", numbers.MISSING, "", None))
        else:
            decimals = max(3, numbers.ratio_decimals(mean.ratio, None, None))
            cells.append(Cell("", f"×{numbers.ratio_text(mean.ratio, decimals)}", "", None))
    return [Row("geometric mean", "", "", tuple(cells))]


def verdicts_shown(comparison: Comparison) -> tuple[str, ...]:
    """Returns the verdicts that the table holds, in the order of the legend."""
    who = set(columns(comparison))
    seen = {effect.verdict for effect in comparison.effects if effect.candidate in who}
    return tuple(verdict for verdict in names.MARKS if verdict in seen)


def legend(comparison: Comparison) -> str:
    """Returns the words behind the marks: `▲ worse  ▼ better  = equivalent  ? not enough data (…)`."""
    parts = [f"{names.MARKS[verdict]} {names.WORDS[verdict]}" for verdict in names.MARKS]
    who = columns(comparison)
    unknown = [e for e in comparison.effects if e.verdict == "undetermined" and e.candidate in who and e.pairs]
    if unknown:
        parts[-1] += f" ({_needed(unknown, interim=comparison.interim)})"
    return "  ".join(parts)


def _needed(unknown: list[Effect], *, interim: bool) -> str:
    from whence.show.report.sentence import still_needed

    texts = list(dict.fromkeys(still_needed(effect, interim=interim) for effect in unknown))
    if len(texts) == 1:
        return texts[0]
    countable = [effect for effect in unknown if effect.pairs_needed is not None]
    if not countable:
        return texts[0]
    most = max(countable, key=lambda effect: (effect.pairs_needed or 0) - effect.pairs)
    return f"on {names.metric_key(most)} {still_needed(most)}"
