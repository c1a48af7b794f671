"""The rules as a list: for each tool the real thing where it can be had here, else our reading, and which it was."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from bench.rivals import benchstat, readings
from bench.rivals.recorded import Recorded
from whence.golang.benchfmt import Result, write
from whence.stats.judge import Judgement, Question, judge_family

Decide = Callable[[Sequence[Recorded]], list[bool]]
Pair = Callable[[Sequence[float], Sequence[float]], bool]


class Rule(msgspec.Struct, frozen=True):
    """One tool. `decide` says for each comparison whether the tool would call the two sides different."""

    name: str
    used: str
    """`the real benchstat`, `pyperf 2.10.0`, or `our reading`."""
    decide: Decide


def rivals() -> list[Rule]:
    """Returns benchstat (when it can be built), pyperf, hyperfine and Otava."""
    rules: list[Rule] = []
    try:
        benchstat.find()
        rules.append(Rule("benchstat", "the real benchstat", _benchstat))
    except benchstat.Unavailable as reason:
        rules.append(Rule("benchstat", f"our reading ({reason})", _each(_mann_whitney)))
    rules.append(_pyperf())
    rules.append(Rule("hyperfine", "our reading", _each(readings.hyperfine)))
    rules.append(_otava())
    return rules


def whence(*, paired: bool) -> list[Rule]:
    """Returns this project's own two statements, on blocks or on two unordered samples as from files."""
    how = "in blocks" if paired else "as files"
    return [
        Rule("whence, 95 % interval", how, lambda entries: [_excludes_one(_judge(e, paired)) for e in entries]),
        Rule(
            "whence, verdict", how, lambda entries: [_judge(e, paired).verdict in {"worse", "better"} for e in entries]
        ),
    ]


def _each(pair: Pair) -> Decide:
    return lambda entries: [pair(entry.base, entry.candidate) for entry in entries]


def _benchstat(entries: Sequence[Recorded]) -> list[bool]:
    """Writes every comparison as a benchmark of its own into two files, and asks benchstat once."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("base", "candidate"):
            results = [
                Result(f"C{number}", None, 1, ((value, "value"),))
                for number, entry in enumerate(entries)
                for value in getattr(entry, name)
            ]
            (Path(folder) / name).write_text(write(results))
        cells = benchstat.compare(["base", "candidate"], directory=Path(folder))
    deltas = {cell.benchmark: cell.delta for cell in cells if cell.column == "candidate"}
    return [deltas[f"C{number}"] != "~" for number in range(len(entries))]


def _mann_whitney(base: Sequence[float], candidate: Sequence[float]) -> bool:
    """Two-sided p < 0.05, exact without ties (golang/perf `benchmath/anone.go`)."""
    from scipy.stats import mannwhitneyu

    return bool(mannwhitneyu(base, candidate).pvalue < 0.05)


def _pyperf() -> Rule:
    try:
        from pyperf._utils import is_significant  # type: ignore[import-not-found]

        used = f"pyperf {version('pyperf')}"
    except (ImportError, PackageNotFoundError):
        return Rule("pyperf", "our reading", _each(readings.pyperf))

    def decide(base: Sequence[float], candidate: Sequence[float]) -> bool:
        try:
            return bool(is_significant(base, candidate)[0])
        except Exception:  # As pyperf does: what cannot be computed counts as significant.
            return True

    return Rule("pyperf", used, _each(decide))


def _otava() -> Rule:
    try:
        from otava.analysis import compute_change_points  # type: ignore[import-not-found]

        used = f"apache-otava {version('apache-otava')}"
    except (ImportError, PackageNotFoundError):
        return Rule("otava", "our reading", _each(readings.otava))

    def decide(base: Sequence[float], candidate: Sequence[float]) -> bool:
        return bool(compute_change_points([*base, *candidate])[0])

    return Rule("otava", used, _each(decide))


def _judge(entry: Recorded, paired: bool) -> Judgement:
    question = Question(key=("value",), base=entry.base, candidate=entry.candidate, paired=paired, margin=0.0)
    return judge_family([question])[0]


def _excludes_one(judged: Judgement) -> bool:
    return judged.low is not None and judged.high is not None and not judged.low <= 1 <= judged.high
