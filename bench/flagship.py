"""The four known causes, each from one command: what was said, against what is known from elsewhere.

    python -m bench.flagship [a b c d] [--out DIR]

(a) big objects with pointers, Go 1.23.9 → 1.24.3, resident memory: golang/go 72991; no switch, introduced 1.24.0,
    fixed 1.24.6, one function of the allocator.
(b) 4 KiB objects with pointers, Go 1.21 → 1.22, heap in use: allocation headers.
(c) Go 1.25 → 1.27 and grpc 1.65.0 → 1.66.0 in one step, 16-byte messages: allocations and bytes of a round trip.
(d) small allocations with pointers, Go 1.25.5 → 1.27.3, CPU, at two live heaps: Green Tea and size-specialised malloc.

Each line: the figure, the bound it is held against, and whether it is met. Results stay under DIR, and an interrupted
run goes on there.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from whence.evidence.attribution import Attribution, Cause
from whence.evidence.inquiry import Inquiry
from whence.evidence.request import Request
from whence.explain.explain import explain

HALF_AN_HOUR_S = 1800.0


class Line(msgspec.Struct, frozen=True):
    """One figure: what it is, what was found, what is required, and whether that is met (None: only told)."""

    what: str
    found: str
    required: str = ""
    met: bool | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One command, and what is known about its answer."""

    name: str
    base: str
    candidate: str
    subject: str
    metric: str
    over: tuple[str, ...] = ()
    check: Callable[[Attribution], list[Line]]


def part(answer: Attribution, *names: str) -> float:
    """Returns what part of the change these causes carry together."""
    points = math.log(answer.total.ratio or 1.0)
    return sum(c.share or 0.0 for c in answer.causes if c.name in names and c.part_of is None) / points


def cause(answer: Attribution, name: str) -> Cause | None:
    return next((c for c in answer.causes if c.name == name and c.part_of is None), None)


def equals(what: str, found: object, wanted: object) -> Line:
    return Line(what, str(found), str(wanted), found == wanted)


def within(what: str, value: float | None, low: float, high: float) -> Line:
    met = value is not None and low <= value <= high
    return Line(what, "none" if value is None else f"{value:.4g}", f"{low:g} … {high:g}", met)


def adds_up(answer: Attribution) -> Line:
    """The shares add up to ln(total ratio)."""
    gap = math.fsum(c.share or 0.0 for c in answer.causes if c.part_of is None) - math.log(answer.total.ratio or 1.0)
    return Line("shares less ln(total)", f"{gap:.1e}", "|…| ≤ 1e-9", abs(gap) <= 1e-9)


def big_objects(answer: Attribution) -> list[Line]:
    hunk = next((c.name for c in answer.causes if c.kind == "source"), "")
    rejected = {r.change for r in answer.rejected_remedies}
    return [
        equals("verdict", answer.verdict, "none-of-the-switches"),
        within("total", answer.total.ratio, 3.4, 3.5),
        equals("introduced", answer.introduced_in, "1.24.0"),
        equals("fixed", answer.fixed_in, "1.24.6"),
        Line("hunk", hunk, "in malloc.go", "malloc.go" in hunk),
        Line("remedy", ", ".join(r.change for r in answer.remedies), "a patch level", bool(answer.remedies)),
        Line("GOGC rejected", str(any("GOGC" in r for r in rejected)), "True", any("GOGC" in r for r in rejected)),
        Line(
            "GOMEMLIMIT rejected",
            str(any("GOMEMLIMIT" in r for r in rejected)),
            "True",
            any("GOMEMLIMIT" in r for r in rejected),
        ),
        adds_up(answer),
    ]


def headers(answer: Attribution) -> list[Line]:
    return [
        equals("verdict", answer.verdict, "explained"),
        within("total", answer.total.ratio, 1.19, 1.21),
        within("part of allocheaders", part(answer, "allocheaders"), 0.95, 1.05),
        adds_up(answer),
    ]


GRPC = "google.golang.org/grpc"


def round_trip(low: float, high: float, go: float) -> Callable[[Attribution], list[Line]]:
    """Allocations or bytes of a round trip: the whole between `low` and `high`, Go's part within ±`go`."""

    def check(answer: Attribution) -> list[Line]:
        grpc = cause(answer, GRPC)
        rest = math.fsum(c.delta or 0.0 for c in answer.causes if c.part_of is None and c.name != GRPC)
        lines = [
            equals("verdict", answer.verdict, "explained"),
            within("total", answer.total.delta, low, high),
            within("gRPC", None if grpc is None else grpc.delta, low - go, high + go),
            within("Go", rest, -go, go),
            adds_up(answer),
        ]
        for sweep in answer.depends_on:
            lines.append(equals("depends on the size", sweep.depends, True))
            lines.append(within("crossover", sweep.crossover, 900, 1024))
            at = {p.value: p.ratio for p in sweep.points}
            lines.append(within("ratio at 1024 B", at.get("1024"), 0.38, 0.44))
        return lines

    return check


def small_allocations(answer: Attribution) -> list[Line]:
    both = part(answer, "greenteagc", "sizespecializedmalloc")
    points = math.log(answer.total.ratio or 1.0)
    left = answer.unexplained
    lines = [
        equals("verdict", answer.verdict, "explained"),
        Line("total", f"{answer.total.ratio:.4g} [{answer.total.low:.4g}, {answer.total.high:.4g}]"),
        within("the rest, in points", 100 * points * (1 - both), -5, 5),
        within("unexplained, in points", None if left is None else 100 * (left.share or 0.0), -2, 2),
        adds_up(answer),
    ]
    for sweep in answer.depends_on:
        for point in sweep.points:
            shares = ", ".join(f"{n} {100 * s[0]:+.1f}" for n, s in point.shares.items())
            lines.append(Line(f"{sweep.parameter}={point.value}", f"×{point.ratio:.3f}  {shares}"))
    return lines


CASES = (
    Case(
        name="a",
        base="go=1.23.9",
        candidate="go=1.24.3",
        subject="workload:heapshape?shape=slice&size=262144&fill=25&count=1024&small=11",
        metric="rss",
        check=big_objects,
    ),
    Case(
        name="b",
        base="go=1.21.13",
        candidate="go=1.22.12",
        subject="workload:heapshape?shape=slice&size=4096&fill=100&count=20000&small=0",
        metric="heap-inuse",
        check=headers,
    ),
    Case(
        name="c-allocs",
        base=f"go=1.25.5,mod.{GRPC}=v1.65.0",
        candidate=f"go=1.27.3,mod.{GRPC}=v1.66.0",
        subject="workload:streamtiny?size=16",
        metric="allocs/rt",
        check=round_trip(7.95, 8.05, 0.1),
    ),
    Case(
        name="c-bytes",
        base=f"go=1.25.5,mod.{GRPC}=v1.65.0",
        candidate=f"go=1.27.3,mod.{GRPC}=v1.66.0",
        subject="workload:streamtiny?size=16",
        metric="B/rt",
        over=("arg.size=16,64,256,900,1024,4096",),
        check=round_trip(205, 211, 3),
    ),
    Case(
        name="d",
        base="go=1.25.5",
        candidate="go=1.27.3",
        subject="workload:alloc?size=64&pointers=1&live=16&n=8000000",
        metric="cpu-ns/op",
        over=("arg.live=16,64",),
        check=small_allocations,
    ),
)


class ToldToStandardError:
    """Progress of a search, one line a stage."""

    def stage(self, name: str, text: str) -> None:
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {name:<12} {text}\n")

    def event(self, event: object) -> None:
        return


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.flagship", description=__doc__)
    parser.add_argument("cases", nargs="*", default=[case.name for case in CASES])
    parser.add_argument("--out", type=Path, default=Path("whence-runs/flagship"))
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args(arguments)
    failed = 0
    for case in CASES:
        if not any(case.name == name or case.name.startswith(f"{name}-") for name in options.cases):
            continue
        inquiry = Inquiry(
            request=Request(
                variants=(case.base, case.candidate),
                subject=case.subject,
                metrics=(case.metric,),
                seed=options.seed,
                directory=str(Path.cwd()),
            ),
            over=case.over,
        )
        answer = explain(inquiry, out=options.out / case.name, listener=ToldToStandardError()).attribution
        seconds = answer.plan.seconds or 0.0
        limit = Line("seconds", f"{seconds:.0f}", f"≤ {HALF_AN_HOUR_S:.0f}", seconds <= HALF_AN_HOUR_S)
        lines = [*case.check(answer), limit]
        print(f"\n({case.name}) {inquiry.command()}")
        print(f"    {answer.plan.builds} builds, {answer.plan.runs} runs")
        for line in lines:
            mark = {None: "", True: "ok", False: "NOT MET"}[line.met]
            print(f"    {line.what:26} {line.found:44} {line.required:22} {mark}".rstrip())
        failed += sum(line.met is False for line in lines)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
