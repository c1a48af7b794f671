"""What `whence profile sites` says against counters and requested sizes compiled into the programs.

    python -m bench.sites [REPEATS] [GO…]      default 3 repeats on Go 1.19, 1.23, 1.26 and 1.27

Profile alone: how often the interval holds the true count of a place, at rates 1, 4096 and 524288, and how far the
estimate is off for places that are not tiny and of which 400 or more objects were recorded. Trace given: the largest
error of a type's objects, and of the bytes that rounding takes, for types that say what was asked for.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.sites_runs import Run, build, run
from whence.evidence.profile_sites import ProfileSites, TypeTotal
from whence.golang.versions import at_least
from whence.measure.profiles.readers.trace_v2 import generations
from whence.measure.profiles.sites import sites

RELEASES = ("1.19.13", "1.23.12", "1.26.11", "1.27.4")
PROGRAMS: dict[str, tuple[str, ...]] = {
    "tinypair": (),
    "tinypair shuffled": ("-shuffle",),
    "mixed": (),
    "decode": (),
    "heldout": (),
}
RATES = (1, 4096, 524288)
TRACED_SINCE = "1.23"
MANY_SAMPLES = 400


def main(words: list[str]) -> int:
    repeats = int(words[0]) if words else 3
    covered: dict[tuple[str, int], list[bool]] = defaultdict(list)
    errors: dict[tuple[str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for go in words[1:] or RELEASES:
            for name, arguments in PROGRAMS.items():
                path = build(name.split()[0], go)
                for rate in RATES:
                    for _ in range(repeats):
                        one = run(path, go, Path(folder), rate=rate, arguments=arguments)
                        _profile_alone(name, rate, one, covered[name, rate], errors[name, rate])
                if at_least(go, TRACED_SINCE):
                    _traced(name, go, run(path, go, Path(folder), rate=1, trace=True, arguments=arguments))
    print("\nprofile alone: places whose true count lies in the interval; error of the estimate, 400 samples and more")
    for (name, rate), hits in covered.items():
        off = errors[name, rate]
        worst = f"largest error {100 * max(off):.1f} % of {len(off)}" if off else "no such place"
        print(f"  {name:18} rate {rate:6}  {sum(hits)}/{len(hits)}  {worst}")
    every = [hit for hits in covered.values() for hit in hits]
    print(f"  all: {100 * sum(every) / len(every):.1f} % of {len(every)}")
    return 0


def _profile_alone(name: str, rate: int, one: Run, hits: list[bool], errors: list[float]) -> None:
    result = sites([one.profile], go_version=one.go, runtime_totals=one.totals)
    for function, truth in one.truth.items():
        site = next((site for site in result.sites if site.function == function), None)
        if site is None:
            # A place that is missing was not recorded; the note of the result says how much it may have made.
            hits.append(any("missing here" in note for note in result.notes) or "tiny" in name)
            continue
        hit = site.objects.low <= truth.objects <= site.objects.high
        hits.append(hit)
        if not hit:
            print(f"  missed: {one.go} {name} rate {rate} {function}: {site.objects} for {truth.objects}")
        if site.tiny == "no" and site.sampled >= MANY_SAMPLES:
            errors.append(abs(site.objects.value / truth.objects - 1))


def _traced(name: str, go: str, one: Run) -> None:
    assert one.trace is not None
    with one.trace.open("rb") as file:
        result = sites([one.profile], generations(file), go_version=one.go)
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for truth in one.truth.values():
        if truth.type:
            wanted[truth.type][0] += truth.objects
            wanted[truth.type][1] += truth.requested_bytes
    worst = rounding = 0.0
    for kind, (objects, requested) in wanted.items():
        rows = [row for row in result.types if row.name == kind]
        found = sum(row.objects for row in rows if row.objects > 5)
        if not at_least(go, "1.24") and any(row.tiny for row in rows):
            print(f"  {go} {name} {kind}: {found} of {objects} traced, as releases before 1.24 do")
            continue
        worst = max(worst, abs(found / objects - 1))
        if _known_size(rows):
            taken = sum(row.slot_total_bytes for row in rows)
            told = sum(row.waste_bytes.value for row in rows)
            rounding = max(rounding, abs(told - (taken - requested)) / taken)
    print(
        f"{go:8} {name:18} traced {result.totals.traced_objects} of {_mallocs(one)} objects; types off by at most "
        f"{100 * worst:.2f} %, rounding by {100 * rounding:.2f} % of the slots' bytes; whole: {_whole(result, one)}"
    )


def _known_size(rows: list[TypeTotal]) -> bool:
    return all(row.requested_bytes.exact for row in rows)


def _whole(result: ProfileSites, one: Run) -> str:
    """Returns true and estimated rounding of all counted places together, where all count their bytes."""
    if not all(truth.requested_bytes for truth in one.truth.values()):
        return "bytes not counted"
    requested = sum(truth.requested_bytes for truth in one.truth.values())
    range_ = result.totals.requested_bytes
    assert range_ is not None
    taken = result.totals.slot_bytes.value
    low, value, high = (number / taken for number in (range_.low, range_.value, range_.high))
    return f"requested {requested / taken:.4f} of slots, told {value:.4f} [{low:.4f}, {high:.4f}]"


def _mallocs(one: Run) -> int:
    import json

    return int(json.loads(one.output)["traced_mallocs"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
