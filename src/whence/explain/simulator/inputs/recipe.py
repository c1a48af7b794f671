"""How to get from a running Go service what a simulation needs, what each way costs, and the commands that do it."""

from __future__ import annotations

from typing import Literal

import msgspec

from whence.evidence.errors import BadInput

Way = Literal["profile", "trace"]
TRACE_SINCE = "1.23"
COUNTER_PATHS = ("/debug/vars", "/metrics", "/counters")
"""Where programs offer their counters: expvar, Prometheus, and a plain dump of runtime/metrics."""


class Cost(msgspec.Struct, frozen=True):
    """What recording cost a small real program. `command` measures it again."""

    text: str
    command: str


COSTS: dict[Way, Cost] = {
    "profile": Cost(
        "CPU ×1.02 [0.96, 1.18] of a program that only allocates, while both are read once a second; here they are "
        "read once and twice",
        "python -m bench.recording_cost",
    ),
    "trace": Cost(
        "CPU ×3.37 [3.26, 3.46] of a program that only allocates while a window is open, ×1.00 [0.98, 1.11] with the "
        "setting alone",
        "python -m bench.recording_cost",
    ),
}


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `url`: where net/http/pprof is served."""

    way: Way = "profile"
    url: str = "http://localhost:6060"
    counters: str | None = None
    seconds: float = 60.0
    """Between the two readings of the counters."""
    windows: int = 3
    window_seconds: float = 1.0
    out: str = "whence-recording"

    def checked(self) -> Recipe:
        """Returns itself. Raises BadInput."""
        if self.way not in ("profile", "trace"):
            raise BadInput(f"--by {self.way}: there are profile and trace.")
        if not self.url.startswith(("http://", "https://")):
            raise BadInput(f"--url {self.url}: give where /debug/pprof is served, as http://localhost:6060.")
        if self.windows < 1 or self.window_seconds <= 0 or self.seconds <= 0:
            raise BadInput("recording needs at least one window, and times above 0 s.")
        if self.windows * self.window_seconds > self.seconds and self.way == "trace":
            raise BadInput(
                f"{self.windows} windows of {self.window_seconds:g} s do not fit into {self.seconds:g} s. Raise --for."
            )
        return self

    @property
    def base(self) -> str:
        """The address without /debug/pprof and a slash at its end."""
        return self.url.rstrip("/").removesuffix("/debug/pprof").rstrip("/")


def environment(way: Way, present: str) -> dict[str, str]:
    """Returns what a process must be started with; `present`: its GODEBUG so far."""
    if way != "trace":
        return {}
    kept = [item for item in present.split(",") if item and not item.startswith("traceallocfree=")]
    return {"GODEBUG": ",".join([*kept, "traceallocfree=1"])}


def next_command(recipe: Recipe) -> str:
    """Returns what simulates the recording."""
    if recipe.way == "trace":
        return f"whence simulate run {recipe.out}/window-1.trace go=1.26 go=1.27,GOGC=63"
    return f"whence simulate run {recipe.out}/allocs.pb.gz --metrics {recipe.out}/counters.json go=1.26 go=1.27,GOGC=63"


def text(recipe: Recipe) -> str:
    """Returns the recipe for a person, every step a command."""
    out, base = recipe.out, recipe.base
    counters = recipe.counters or f"{base}{COUNTER_PATHS[0]}"
    lines = [
        "The service needs net/http/pprof and, for exact rates, expvar or a Prometheus client.",
        "",
    ]
    if recipe.way == "profile":
        lines += [
            "Heap profile and counters: any release, nothing to restart.",
            f"  mkdir -p {out}",
            f"  curl -o {out}/counters.json {counters}",
            f"  sleep {recipe.seconds:g}",
            f"  curl {counters} >> {out}/counters.json",
            f"  curl -o {out}/allocs.pb.gz {base}/debug/pprof/allocs",
        ]
    else:
        lines += [
            f"Every allocation in short windows: Go {TRACE_SINCE} and later, one instance restarted with a setting.",
            "  GODEBUG=traceallocfree=1 ./service        (costs nothing until a window opens)",
            f"  mkdir -p {out}",
        ]
        lines += [
            f"  curl -o {out}/window-{number}.trace '{base}/debug/pprof/trace?seconds={recipe.window_seconds:g}'"
            for number in range(1, recipe.windows + 1)
        ]
    cost = COSTS[recipe.way]
    lines += [f"  cost: {cost.text}", f"        (measured by {cost.command})", "", f"Then     {next_command(recipe)}"]
    return "\n".join(lines) + "\n"
