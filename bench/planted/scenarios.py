"""Which switches a scenario has, and what each does."""

from __future__ import annotations

import random
from typing import Literal

import msgspec

Kind = Literal["main", "interaction", "masked", "idle", "memory", "tail"]
KINDS: tuple[Kind, ...] = ("main", "interaction", "masked", "idle", "memory", "tail")
TAGS, VARIABLES = ("b1", "b2", "b3", "b4"), ("S1", "S2", "S3", "S4", "S5", "S6")
METRICS = {"memory": "rss", "tail": "tail-ticks"}


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """`effects`: (names joined by `*`, what, size) as the program reads them."""

    number: int
    kind: Kind
    tags: tuple[str, ...]
    variables: tuple[str, ...]
    effects: tuple[tuple[str, str, float], ...]

    @property
    def metric(self) -> str:
        return METRICS.get(self.kind, "ticks")

    @property
    def switches(self) -> tuple[str, ...]:
        return (*self.tags, *self.variables)

    @property
    def idle(self) -> frozenset[str]:
        """Switches that do nothing to the metric."""
        what = {"memory": "memory", "tail": "tail"}.get(self.kind, "work")
        active = {name for names, kind, _ in self.effects if kind == what for name in names.split("*")}
        return frozenset(self.switches) - active

    def variants(self) -> tuple[str, str]:
        """Returns base and candidate as a user writes them."""
        plan = ";".join(f"{names} {what} {size:.4g}" for names, what, size in self.effects)
        common = f"PLAN={plan}" + (",TAIL=1" if self.kind == "tail" else "")
        on = ",".join(f"{name}=1" for name in self.variables)
        tags = "\\,".join(self.tags)
        return f"base:{common}", f"candidate:{common},{on},tags={tags}"


def draw(number: int) -> Scenario:
    """Returns one scenario; the same for the same number."""
    rng = random.Random(f"planted {number}")
    kind = KINDS[number % len(KINDS)]
    count = rng.choice((6, 6, 6, 7, 8))
    builds = rng.choice((2, 3, 4))
    tags = TAGS[:builds]
    variables = VARIABLES[: count - builds]
    names = [*tags, *variables]
    rng.shuffle(names)
    what = {"memory": "memory", "tail": "tail"}.get(kind, "work")

    def size() -> float:
        if what == "memory":
            return rng.choice((0.8, 1.5, 2.5, 4.0))
        return 1 + rng.choice((0.05, 0.08, 0.12)) * rng.choice((1, 1, -1))

    effects = [(names[0], what, 5.0 if what == "memory" else rng.choice((1.18, 1.25)))]
    effects += [(name, what, size()) for name in names[1:3]]
    if kind == "interaction":
        effects.append((f"{names[0]}*{names[1]}", what, 1.08))
    elif kind == "masked":
        effects = [(names[0], what, 1.05), (names[1], what, 1 / 1.05), (names[2], what, 1.12)]
    elif kind == "idle":
        effects = effects[:1]
    other = "work" if what == "memory" else "memory"
    effects.append((names[3], other, 1.1 if other == "work" else 2.0))  # active, but not on this metric
    return Scenario(number=number, kind=kind, tags=tags, variables=variables, effects=tuple(effects))
