"""From one profile to other settings, against real runs: python -m bench.simulator_profile [RUNS].

Two programs run at GOGC 50, 100, 200 and 400, interleaved. The heap profile and counters of one run at 100 are all that
the simulation gets, with what the kernel counted of that run (CPU, file pages, waits for a CPU). Printed are, for each
setting: the real median and range, the prediction with its 90 % interval, and how many real runs it covers; then the
errors of predictions that pass through two measured points (50 and 200).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from whence.evidence.simulation import SimulatedComparison
from whence.explain.simulator.inputs.choosing import Hints, open_input
from whence.explain.simulator.inputs.process_facts import ProcessFacts
from whence.explain.simulator.whatif.asking import Opened, Question, Surroundings, answer
from whence.explain.simulator.whatif.calibrating import MeasuredPoint

SOURCE = Path(__file__).parent / "service"
TOOLCHAIN, GO = "go1.24.13", "1.24"
GOGC = (50, 100, 200, 400)
MEASURED = (50, 200)
METRICS = {"gc-cycles": "gc", "rss-peak": "hwm", "cpu": "cpu"}


class Real(NamedTuple):
    gogc: int
    values: dict[str, float]


def build(folder: Path) -> Path:
    environment = os.environ | {"GOTOOLCHAIN": TOOLCHAIN, "GOFLAGS": "-mod=mod"}
    subprocess.run(["go", "build", "-o", str(folder / "service"), "."], cwd=SOURCE, env=environment, check=True)
    return folder / "service"


def play(binary: Path, program: str, runs: int, folder: Path, processors: int) -> list[Real]:
    """Returns the real runs, interleaved; the last at GOGC=100 leaves its profile."""
    found: list[Real] = []
    for number in range(runs):
        for gogc in GOGC if number % 2 == 0 else GOGC[::-1]:
            environment = os.environ | {"GOMAXPROCS": str(processors), "GOGC": str(gogc)}
            command = [str(binary), "-program", program]
            if gogc == 100:
                command += ["-profile", str(folder / f"{program}.pb.gz")]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            found.append(Real(gogc, json.loads(done.stdout)))
            if gogc == 100:
                _leave_facts(folder / f"{program}.pb.gz.process.json", found[-1].values)
    return found


def _leave_facts(path: Path, values: dict[str, float]) -> None:
    facts = ProcessFacts(
        seconds=values["wall"],
        cpu_seconds=values["cpu"],
        rss_file_bytes=int(values["file"]),
        run_delay_seconds=values["delay"],
    )
    path.write_bytes(msgspec.json.encode(facts))


def medians(real: list[Real], gogc: int) -> dict[str, float]:
    mine = [one.values for one in real if one.gogc == gogc]
    return {key: statistics.median(values[key] for values in mine) for key in METRICS.values()}


def predict(profile: Path, processors: int, measured: tuple[MeasuredPoint, ...] = ()) -> SimulatedComparison:
    facts = Path(f"{profile}.process.json")
    found = open_input(str(profile), Hints(metrics=Path(f"{profile}.json"), recorded_with=GO, process=facts))
    around = Surroundings(
        go=GO,
        processors=processors,
        cpu=found.cpu,
        run_delay_seconds=found.run_delay_seconds,
        resident_bytes=found.resident_bytes,
    )
    opened = Opened(programs=found.programs, subject=found.subject, around=around, own_go=GO)
    variants = tuple(f"GOGC={gogc}" for gogc in GOGC)
    return answer(Question(program=opened, variants=variants, metrics=tuple(METRICS), measured=measured))


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    processors = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    covered, whole = dict.fromkeys(METRICS, 0), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binary = build(folder)
        for program in ("cache", "trees"):
            real = play(binary, program, runs, folder, processors)
            delay = statistics.median(one.values["delay"] for one in real)
            print(
                f"{program}, GOMAXPROCS={processors}, mean wait for a CPU {1e3 * delay:.2f} ms, {runs} runs a setting"
            )
            plain = predict(folder / f"{program}.pb.gz", processors)
            middle = {gogc: medians(real, gogc) for gogc in GOGC}
            points = tuple(
                MeasuredPoint(spec=f"GOGC={gogc}", values={m: middle[gogc][METRICS[m]] for m in ("rss-peak", "cpu")})
                for gogc in MEASURED
            )
            fitted = predict(folder / f"{program}.pb.gz", processors, points)
            for metric, key in METRICS.items():
                for number, gogc in enumerate(GOGC):
                    values = [one.values[key] for one in real if one.gogc == gogc]
                    told = next(v for v in plain.simulations[number].totals if v.metric == metric)
                    passed = next(v for v in fitted.simulations[number].totals if v.metric == metric)
                    inside = sum(told.low <= value <= told.high for value in values)
                    covered[metric] += inside
                    unit = 1e6 if metric == "rss-peak" else 1.0
                    line = f"  {metric:9} GOGC={gogc:<4} real {middle[gogc][key] / unit:7.2f}"
                    line += f" [{min(values) / unit:.2f}, {max(values) / unit:.2f}]  told {told.value / unit:7.2f}"
                    line += f" [{told.low / unit:.2f}, {told.high / unit:.2f}]  covers {inside}/{len(values)}"
                    if metric != "gc-cycles":
                        line += f"  through two points {100 * (passed.value / middle[gogc][key] - 1):+.1f} %"
                    print(line)
            whole += len(real)
    for metric, count in covered.items():
        print(f"{metric}: 90 % intervals cover {count} of {whole} real runs ({100 * count / whole:.0f} %)")


if __name__ == "__main__":
    main()
