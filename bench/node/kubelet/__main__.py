"""python -m bench.node.kubelet [HISTORIES] [--keep FILE]: is the model's eviction manager the kubelet's?

The kubelet's code comes through the Go module proxy and is built once under ~/.cache/whence/kubelet (or WHENCE_CACHE);
that takes some minutes and needs Go 1.25 or later. Every pass is compared: when, what was available, who was evicted,
whether the node was under MemoryPressure; and how many pods were refused.
--keep writes a few histories with what the kubelet did, for tests that cannot build it.
"""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.explain.simulator.node.playing import play, with_samples

from bench.node.kubelet.building import VERSION, build, environment
from bench.node.kubelet.histories import history

GO = os.environ.get("GO", "go")


def real(program: Path, histories: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Returns what the kubelet did in each history."""
    given, taken = folder / "histories.json", folder / "outcomes.json"
    given.write_text(json.dumps(histories))
    variables = {**environment(), "PLAY_IN": str(given), "PLAY_OUT": str(taken)}
    subprocess.run([str(program), "-test.run", "TestPlay"], env=variables, check=True, capture_output=True, text=True)
    return json.loads(taken.read_text())


def compare(theirs: dict[str, Any], ours: dict[str, Any]) -> tuple[int, int, int, str]:
    """Returns passes compared, passes alike, victims alike, and the first difference in words."""
    passes = list(zip(theirs["passes"][:-1], ours["passes"], strict=False))  # the last pass's pressure was never read
    alike = victims = 0
    first = ""
    for a, b in passes:
        victims += bool(a["victim"]) and a["victim"] == b["victim"] and a["at"] == b["at"]
        if a == b:
            alike += 1
        elif not first:
            first = f"kubelet {a}, model {b}"
    if not first and abs(len(theirs["passes"]) - len(ours["passes"])) > 1:
        first = f"the kubelet made {len(theirs['passes'])} passes, the model {len(ours['passes'])}"
    if not first and len(theirs["refused"] or []) != ours["refused"]:
        first = f"the kubelet refused {theirs['refused']}, the model {ours['refused']} pods"
    return len(passes), alike, victims, first


def write(path: Path, histories: list[dict[str, Any]], outcomes: list[dict[str, Any]], most: int = 12) -> None:
    """Keeps small histories in which pods were evicted."""
    kept = [
        {"seed": seed, "history": a, "outcome": b}
        for seed, (a, b) in enumerate(zip(histories, outcomes, strict=True))
        if len(a["pods"]) <= 25 and any(each["victim"] for each in b["passes"])
    ]
    with lzma.open(path, "wt") as file:
        json.dump({"kubernetes": VERSION, "played": kept[:most]}, file, separators=(",", ":"))


def main(count: int, keep: Path | None) -> int:
    folder = Path(os.environ.get("WHENCE_CACHE", Path.home() / ".cache/whence")) / "kubelet"
    program = build(folder, GO)
    histories = [with_samples(history(seed), seed) for seed in range(count)]
    began = time.perf_counter()
    theirs = real(program, histories, folder)
    middle = time.perf_counter()
    ours = [play(each, seed) for seed, each in enumerate(histories)]
    ended = time.perf_counter()
    passes = alike = victims = asked = same = 0
    for seed, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        compared, equal, right, first = compare(a, b)
        passes, alike, victims = passes + compared, alike + equal, victims + right
        asked += sum(bool(each["victim"]) for each in a["passes"][:-1])
        same += not first
        if first:
            print(f"history {seed}: {first}")
    print(f"histories alike in all passes and refusals: {same} of {count}")
    print(f"passes alike: {alike} of {passes}; victims alike at the same instant: {victims} of {asked}")
    print(f"refused: kubelet {sum(len(a['refused'] or []) for a in theirs)}, model {sum(b['refused'] for b in ours)}")
    if keep is not None:
        write(keep, histories, theirs)
    print(f"time: kubelet {middle - began:.2f} s, model {ended - middle:.2f} s")
    return 0 if same == count else 1


if __name__ == "__main__":
    words = sys.argv[1:]
    kept = Path(words.pop(words.index("--keep") + 1)) if "--keep" in words else None
    numbers = [int(word) for word in words if word.isdigit()]
    sys.exit(main(numbers[0] if numbers else 300, kept))
