"""Which release brought the change, and whether a newer one took it away: a search along all releases.

The way from the base's release to the candidate's is taken in order of version, however the lines branched: a change
that came with a line stands at its first release. Where the candidate is the older one, the way is taken backwards and
the boundary is still named by its newer release, since that is where the source changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from whence.evidence.attribution import Step, StepOutcome
from whence.evidence.variant import Variant, changed
from whence.explain.attribution.asking import Trials
from whence.golang.releases import known_versions
from whence.golang.versions import Version, parse_version
from whence.stats.noisy_search import Place, bisect
from whence.stats.oracle import Decision, Rules, decide, run
from whence.stats.signed_rank import location

MOST_PAIRS = 40
MOST_MISSING = 4
"""How many of the newest releases may be missing here before nothing more is asked about them."""


class PathFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Where the change came and went. `previous`: the last release before `introduced_in`; `before_fix` likewise."""

    introduced_in: str | None = None
    previous: str | None = None
    fixed_in: str | None = None
    before_fix: str | None = None
    steps: tuple[Step, ...] = ()
    newest_carries: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def boundary(self) -> str | None:
        """The release where the source changed, when the candidate is the older side: that of the fix."""
        return self.introduced_in or self.fixed_in


class _Way:
    """The releases as states, and what was measured of them."""

    def __init__(self, trials: Trials, base: Variant, states: Sequence[str], off: tuple[str, ...]) -> None:
        self.states = list(states)
        self._trials, self._base, self._off = trials, base, off
        self.logs: dict[str, tuple[float, ...]] = {}
        self.outcomes: dict[str, StepOutcome] = {}

    def measure(self, state: int, pairs: int) -> Sequence[float] | None:
        release = self.states[state]
        self._trials.stage("releases", f"go{release}")
        logs = self._trials.pairs(f"release-{release}", self._base, self._variant(release), pairs)
        if logs is not None:
            self.logs[release] = logs
        return logs

    def _variant(self, release: str) -> Variant:
        from whence.explain.attribution.switches import defaults

        here = defaults(release)
        words = [w for w in self._off if w.removeprefix("no") in here or w in here]
        changes: dict[str, str | None] = {"go": release}
        if words:
            changes["experiment"] = "+".join([*filter(None, [self._base.get("experiment")]), *words])
        return changed(self._base, changes)

    def heard(self, decisions: Sequence[Decision[int]]) -> None:
        for decision in decisions:
            self.outcomes[self.states[decision.what]] = decision.outcome

    def ends(self, releases: tuple[str, str]) -> None:
        """The two sides themselves, which were measured before."""
        self.outcomes.setdefault(releases[0], "base")
        self.outcomes.setdefault(releases[1], "carries")

    def steps(self) -> tuple[Step, ...]:
        ordered = sorted(self.outcomes, key=parse_version)
        return tuple(_step(r, self.outcomes[r], self.logs.get(r, ())) for r in ordered)


def _step(release: str, outcome: StepOutcome, logs: tuple[float, ...]) -> Step:
    if not logs:
        return Step(release=release, outcome=outcome, pairs=0)
    points, interval = location(logs)
    low, high = (None, None) if interval is None else (math.exp(interval[0]), math.exp(interval[1]))
    return Step(
        release=release, outcome=outcome, ratio=math.exp(points), low=low, high=high, pairs=len(logs)
    )  # fmt: skip


def search_path(
    trials: Trials,
    base: Variant,
    releases: tuple[str, str],
    target: float,
    *,
    exact: bool,
    off: tuple[str, ...] = (),
) -> PathFinding:
    """Returns where a change of `target`, ln(candidate ÷ base), came, and where it went.

    `base` with `go=` set to each release is what is measured; `off`: GOEXPERIMENT words that hold the switches of the
    new release off, where a release knows them.
    """
    old, new = (parse_version(r) for r in releases)
    if new == old:
        return PathFinding(introduced_in=releases[1], previous=releases[0])
    rules = Rules(target=target, exact=exact, most_pairs=MOST_PAIRS)
    if new < old:
        return _backwards(trials, base, releases, rules, off)
    way = _Way(trials, base, _releases(old.text, new.text), off)
    candidate = len(way.states) - 1
    introduced = run(bisect(0, candidate, rules, error=rules.alpha / 3), way.measure)
    way.heard(introduced.steps)
    way.ends(releases)
    fixed, newest = _fix(way, candidate, new, rules)
    notes = _range_note(way.states, introduced, "came")
    if fixed is not None:
        notes += _range_note(way.states, fixed, "went")
    if newest is not None and newest.outcome not in ("carries", "clear"):
        notes.append(f"whether {way.states[newest.what]} still carries the change is {newest.outcome}")
    return PathFinding(
        introduced_in=_at(way.states, introduced.first),
        previous=_at(way.states, introduced.after),
        fixed_in=None if fixed is None else _at(way.states, fixed.first),
        before_fix=None if fixed is None else _at(way.states, fixed.after),
        steps=way.steps(),
        newest_carries=way.states[newest.what] if newest is not None and newest.outcome == "carries" else None,
        notes=tuple(notes),
    )


def _fix(way: _Way, candidate: int, release: Version, rules: Rules) -> tuple[Place | None, Decision[int] | None]:
    """Looks whether the newest patch of the candidate's line is without the change, else whether the newest release of
    all is, and then where it went. A third of the search's error for the question, a third for the search."""
    later = [v for v in known_versions() if v.kind == "release" and v > release]
    own = [v.text for v in later if v.line == release.line]
    others = [v.text for v in later if v.line != release.line]
    last, newest = candidate, None
    for states in (own, others):
        if not states:
            continue
        way.states += states
        newest = _newest(way, last, rules)
        if newest is None or newest.outcome != "carries":
            break
        last = newest.what
    if newest is None or newest.outcome != "clear":
        return None, newest
    place = run(bisect(last, newest.what, rules, appears=False, error=rules.alpha / 3), way.measure)
    way.heard(place.steps)
    return place, newest


def _newest(way: _Way, after: int, rules: Rules) -> Decision[int] | None:
    """Returns the decision about the newest state that can be measured; the last ones may not be obtainable here."""
    decision = None
    for state in range(len(way.states) - 1, max(after, len(way.states) - 1 - MOST_MISSING), -1):
        decision = run(decide(state, rules, rules.alpha / 6), way.measure)
        way.heard([decision])
        if decision.outcome != "unmeasurable":
            break
    return decision


def _releases(first: str, last: str) -> list[str]:
    """Returns the released versions from `first` to `last`, both included even where no list names them."""
    low, high = parse_version(first), parse_version(last)
    inside = [v.text for v in known_versions() if v.kind == "release" and low < v < high]
    return [first, *inside, last]


def _backwards(
    trials: Trials, base: Variant, releases: tuple[str, str], rules: Rules, off: tuple[str, ...]
) -> PathFinding:
    """The candidate is the older release: the boundary is where, going back, the change appears."""
    states = list(reversed(_releases(releases[1], releases[0])))
    way = _Way(trials, base, states, off)
    place = run(bisect(0, len(states) - 1, rules), way.measure)
    way.heard(place.steps)
    way.ends(releases)
    return PathFinding(
        fixed_in=states[place.after] if place.first is not None else None,
        before_fix=states[place.by] if place.first is not None else None,
        steps=way.steps(),
        notes=tuple(_range_note(states, place, "went")),
    )


def _at(states: Sequence[str], index: int | None) -> str | None:
    return None if index is None else states[index]


def _range_note(states: Sequence[str], place: Place, what: str) -> list[str]:
    if place.first is not None:
        return []
    older, newer = sorted((states[place.after], states[place.by]), key=parse_version)
    return [f"the change {what} somewhere after {older}, by {newer} at the latest"]
