"""The sentence: what was found on the metric that was asked about, with its interval and verdict, in words.

The first line answers; further lines group the candidates that behave alike. Say what was seen, then how sure.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from whence.evidence.comparison import Comparison, Effect
from whence.show.report import names, numbers, reading
from whence.show.report.failures import failed_runs, failure_text, failure_texts, nothing_left, runs_of

_SEEN_BY_KERNEL = ("rss", "rss-peak", "rss-anon")


class Line(NamedTuple):
    """One line of the answer: the text, its interval (may be empty), and the verdict's key (may be None)."""

    text: str
    interval: str = ""
    verdict: str | None = None

    def plain(self) -> str:
        word = names.WORDS[self.verdict] if self.verdict is not None else ""
        return "  ".join(part for part in (self.text, self.interval, word) if part)


def headline(comparison: Comparison) -> str:
    """Returns the answer as plain text, one line a group of candidates."""
    return "\n".join(line.plain() for line in lines(comparison))


def lines(comparison: Comparison) -> tuple[Line, ...]:
    """Returns the answer, the most telling line first; never empty."""
    comparison = reading.by_unit(comparison)
    metric = reading.primary_metric(comparison)
    if metric is None:
        return _without_effects(comparison)
    found: list[Line] = []
    quiet: list[Effect] = []
    unknown: list[Effect] = []
    for candidate in reading.candidates(comparison):
        effects = reading.effects_of(comparison, metric, candidate)
        if len(effects) > 1:
            found += _many_benchmarks(comparison, candidate, effects)
        for effect in effects if len(effects) == 1 else ():
            if nothing_left(comparison, effect):
                continue
            if effect.verdict == "equivalent":
                quiet.append(effect)
            elif effect.verdict == "undetermined":
                unknown.append(effect)
            else:
                found.append(Line(_difference(comparison, effect), _interval(effect), effect.verdict))
    worse = any(line.verdict == "worse" for line in found)
    found += _equivalent(comparison, quiet, after_worse=worse)
    found += [_undetermined(comparison, effect) for effect in unknown]
    found += _go_view(comparison, metric)
    found += _elsewhere(comparison, metric)
    found += [Line(text) for text in _dead(comparison)]
    return tuple(_marked(comparison, found or list(_without_effects(comparison))))


def title(comparison: Comparison) -> str:
    """Returns the first line's text alone, for a window title or a mail subject."""
    return lines(comparison)[0].text


def _marked(comparison: Comparison, found: list[Line]) -> list[Line]:
    prefix = "Simulated, not measured: " if comparison.simulated else ""
    if comparison.interim:
        prefix += f"Interim, after {numbers.plural(comparison.counted_runs, 'run')}: "
    found[0] = found[0]._replace(text=prefix + found[0].text)
    return [line._replace(text=names.clean(line.text)) for line in found]


def _without_effects(comparison: Comparison) -> tuple[Line, ...]:
    failures = failure_texts(comparison)
    if failures:
        return tuple(Line(text) for text in failures)
    return (Line("Nothing could be compared: no run of the base and a candidate has a metric in common"),)


def _dead(comparison: Comparison) -> list[str]:
    """Returns the failures of variants that never ended well: they are part of the answer, not of the oddities."""
    texts = [
        failure_text(comparison, variant)
        for variant in comparison.variants
        if runs_of(variant) and failed_runs(variant) == runs_of(variant)
    ]
    return [text for text in texts if text is not None]


def _interval(effect: Effect) -> str:
    """Returns the interval in the form its sentence uses: percent for changes, plain ratios else."""
    if effect.exact:
        return "exact"
    if effect.ratio is None or effect.low is None or effect.high is None:
        return ""
    if effect.verdict in {"worse", "better"} and in_percent(effect.ratio):
        decimals = numbers.percent_decimals(effect.ratio, effect.low, effect.high)
        rises = effect.ratio >= 1.0
        changes = [effect.low - 1.0, effect.high - 1.0] if rises else [1.0 - effect.high, 1.0 - effect.low]
        low, high = (numbers.percent_text(change, decimals) for change in changes)
        return f"[{low}, {high}]"
    decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high)
    return numbers.interval_text(effect.low, effect.high, decimals)


def in_percent(ratio: float) -> bool:
    """True when a change reads better in percent than as a factor: between a tenth and twice the base."""
    return 0.1 < ratio < 2.0


def _difference(comparison: Comparison, effect: Effect) -> str:
    base, candidate = names.label(comparison, effect.base), names.label(comparison, effect.candidate)
    words = names.metric_words(effect.metric, effect.benchmark)
    subject = names.capital(words.text)
    if effect.ratio is None:
        before, after = (
            numbers.amount_text(value, effect.unit) for value in (effect.base_value, effect.candidate_value)
        )
        return f"{subject} went from {before} under {base} to {after} under {candidate}"
    if in_percent(effect.ratio):
        decimals = numbers.percent_decimals(effect.ratio, effect.low, effect.high)
        verb = "rose" if effect.ratio >= 1.0 else "fell"
        change = numbers.percent_text(abs(effect.ratio - 1.0), decimals)
        return f"{subject} {verb} by {change} % from {base} to {candidate}"
    decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high, exact=effect.exact)
    factor = numbers.ratio_text(effect.ratio, decimals)
    return f"{subject} is {factor} × as {words.adjective} under {candidate} as under {base}"


def _equivalent(comparison: Comparison, effects: list[Effect], *, after_worse: bool) -> list[Line]:
    if not effects:
        return []
    first = effects[0]
    group = names.join([names.label(comparison, effect.candidate) for effect in effects])
    verb = "are" if len(effects) > 1 else "is"
    if after_worse:
        text = f"{group} {verb} back to normal"
    else:
        words = names.metric_words(first.metric, first.benchmark)
        base = names.label(comparison, first.base)
        within = "exactly the same" if _all_exact(effects) else f"equivalent within {numbers.margin_text(first.margin)}"
        text = f"No effect on {words.text}: {group} and {base} are {within}"
    return [Line(text, _common_interval(effects), "equivalent")]


def _all_exact(effects: list[Effect]) -> bool:
    return all(effect.exact and effect.ratio in {1.0, None} for effect in effects)


def _common_interval(effects: list[Effect]) -> str:
    if len(effects) == 1 or any(effect.low is None or effect.high is None for effect in effects):
        return _interval(effects[0]) if len(effects) == 1 else ""
    if all(effect.exact for effect in effects):
        return "exact"
    low = min(effect.low for effect in effects if effect.low is not None)
    high = max(effect.high for effect in effects if effect.high is not None)
    return numbers.interval_text(low, high, numbers.ratio_decimals(1.0, low, high))


def _undetermined(comparison: Comparison, effect: Effect) -> Line:
    base, candidate = names.label(comparison, effect.base), names.label(comparison, effect.candidate)
    words = names.metric_words(effect.metric, effect.benchmark)
    decimals = numbers.ratio_decimals(effect.ratio, effect.low, effect.high, exact=effect.exact)
    seen = f"× {numbers.ratio_text(effect.ratio, decimals)}"
    if comparison.interim and effect.ratio is not None:
        text = f"{words.text} under {candidate} is {seen} that under {base} so far"
    else:
        text = f"Not enough data to tell {words.text} under {candidate} from {base}"
        text += f": {seen} so far" if effect.ratio is not None else ""
    return Line(f"{text}; {still_needed(effect, interim=comparison.interim)}", _interval(effect), "undetermined")


def still_needed(effect: Effect, *, interim: bool = False) -> str:
    """Returns how much more data would do, in words: `24 more pairs would tell 3 %`."""
    if interim:
        return "the plan is not finished"
    told = f"tell {numbers.margin_text(effect.margin)}" if effect.margin > 0 else "tell"
    if effect.pairs_needed is not None:
        more = max(1, effect.pairs_needed - effect.pairs)
        return f"{numbers.plural(more, 'more pair')} would {told}"
    if effect.low is None and effect.pairs < 6:
        return f"{numbers.plural(6 - effect.pairs, 'more pair')} would give the first interval"
    return "more pairs alone would not decide it"


def _many_benchmarks(comparison: Comparison, candidate: str, effects: tuple[Effect, ...]) -> list[Line]:
    """Returns the verdicts of a metric over its benchmarks counted, the geometric mean, and the largest change."""
    metric = effects[0].metric
    mean = next((g for g in comparison.geometric_means if g.candidate == candidate and g.unit == metric), None)
    mean = mean or next(
        (g for g in comparison.geometric_means if g.candidate == candidate and g.unit == effects[0].unit), None
    )
    tally = {verdict: sum(e.verdict == verdict for e in effects) for verdict in names.MARKS}
    counts = ", ".join(f"{names.WORDS[verdict]} in {count}" for verdict, count in tally.items() if count)
    words = names.capital(names.metric_words(metric).text)
    under = names.label(comparison, candidate)
    text = f"{words} under {under}: {counts} of {numbers.plural(len(effects), 'benchmark')}"
    verdict = next((v for v in ("worse", "better", "undetermined", "equivalent") if tally[v]), "undetermined")
    changed = [e for e in effects if e.verdict == verdict and e.ratio]
    result = [Line(text, "", verdict)]
    if mean is not None and mean.ratio is not None:
        decimals = max(3, numbers.ratio_decimals(mean.ratio, None, None))
        result.append(Line(f"Geometric mean over the benchmarks: × {numbers.ratio_text(mean.ratio, decimals)}"))
    if verdict in {"worse", "better"} and changed:
        most = max(changed, key=lambda e: abs(_log(e.ratio)))
        result.append(Line(_difference(comparison, most), _interval(most), most.verdict))
    return result


def _log(ratio: float | None) -> float:
    return math.log(ratio) if ratio is not None and ratio > 0 else 0.0


def _elsewhere(comparison: Comparison, metric: str) -> list[Line]:
    """Returns differences on other chosen metrics of candidates whose primary metric shows none."""
    result: list[Line] = []
    for candidate in reading.candidates(comparison):
        if any(e.verdict in {"worse", "better"} for e in reading.effects_of(comparison, metric, candidate)):
            continue
        others = [e for e in comparison.effects if e.candidate == candidate and e.metric != metric]
        differing = [e for e in others if e.verdict in {"worse", "better"}]
        result += [Line(_difference(comparison, e), _interval(e), e.verdict) for e in differing[:2]]
    return result


def _go_view(comparison: Comparison, metric: str) -> list[Line]:
    """Returns the line that says Go's own count of its memory did not move although the kernel's did."""
    if metric not in _SEEN_BY_KERNEL:
        return []
    blind: list[Effect] = []
    for candidate in reading.candidates(comparison):
        kernel = reading.any_effect(comparison, metric, candidate)
        own = reading.any_effect(comparison, "runtime-total", candidate)
        if kernel is None or own is None or kernel.verdict not in {"worse", "better"}:
            continue
        if own.verdict == "equivalent":
            blind.append(own)
    if not blind:
        return []
    decimals = numbers.ratio_decimals(blind[0].ratio, blind[0].low, blind[0].high)
    ratio = numbers.ratio_text(blind[0].ratio, decimals)
    interval = numbers.interval_text(blind[0].low, blind[0].high, decimals)
    who = f" for {names.label(comparison, blind[0].candidate)}" if len(reading.candidates(comparison)) > 3 else ""
    return [Line(f"Go's own metrics did not see it{who}: runtime-total {ratio} {interval}".rstrip())]


def aa_line(comparison: Comparison) -> str | None:
    """Returns what the instrument's own check says, or None when the base was not measured twice."""
    comparison = reading.by_unit(comparison)
    effects = reading.aa_effects(comparison)
    if not effects or reading.candidates(comparison) == (comparison.aa_variant,):
        return None
    metric = reading.primary_metric(comparison)
    shown = next((e for e in effects if e.metric == metric), effects[0])
    decimals = numbers.ratio_decimals(shown.ratio, shown.low, shown.high, exact=shown.exact)
    interval = numbers.interval_text(shown.low, shown.high, decimals)
    seen = f"A/A check: {numbers.ratio_text(shown.ratio, decimals)} {interval}".rstrip()
    seen += f" on {names.metric_key(shown)}"
    false = [names.metric_key(e) for e in effects if e.verdict in {"worse", "better"}]
    if false:
        return f"{seen}; the base differs from itself on {names.join(false)}, so do not trust those verdicts today."
    if shown.verdict == "equivalent":
        return f"{seen}, so the instrument is sound here today."
    return f"{seen}; no false difference, but too few pairs to call the instrument sound ({still_needed(shown)})."
