"""The doctor says what the host can do without stopping at what it cannot, and computes noise as it says."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys

import msgspec
import pytest

from whence.cli.doctor import render, share
from whence.evidence.errors import BadInput
from whence.evidence.run import Run, Sample
from whence.measure.lab import host
from whence.measure.lab.calibrate import Calibrator
from whence.measure.lab.doctor import DoctorReport, can_see, examine, noise_of, seen_in
from whence.measure.lab.host import Capability
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions


def pair(block: int, a: float, b: float, metric: str = "cpu") -> list[Run]:
    return [
        Run(
            id=f"{block}{name}",
            kind="counted",
            variant=name,
            block=block,
            started_at=1.0,
            seconds=1.0,
            outcome="ok",
            samples=(Sample(metric, value, "s"),),
        )
        for name, value in (("A", a), ("A again", b))
    ]


def report(noise_sd: float) -> DoctorReport:
    rng = random.Random(1)
    runs = [run for block in range(200) for run in pair(block, 1.0, math.exp(rng.gauss(0, noise_sd)))]
    return DoctorReport(
        host={"name": "h", "cpus": "2", "cpu": "c", "memory_bytes": str(2**30), "kernel": "6"},
        capabilities=(Capability(name="autogroup", state="partly", detail="on", remedy="turn it off"),),
        noise=noise_of(runs),
        yardstick="the yardstick",
        seconds_per_pair=0.6,
    )


def test_noise_is_the_spread_of_paired_log_ratios() -> None:
    made = report(0.03)
    assert made.noise[0].sd == pytest.approx(0.03, rel=0.15)
    assert made.noise[0].smallest["40"] == pytest.approx(2.8 * made.noise[0].sd / math.sqrt(40))
    assert can_see(made, "cpu", 100) == pytest.approx(0.28 * made.noise[0].sd)
    assert can_see(made, "p99-ns", 100) is None


def test_a_slow_pair_widens_nothing_because_it_hits_both() -> None:
    runs = [run for block in range(10) for run in pair(block, 1.0 + block, (1.0 + block) * 1.01)]
    assert noise_of(runs)[0].sd == pytest.approx(math.log(1.01))


def test_zeros_and_lone_runs_and_few_blocks_are_left_out() -> None:
    assert noise_of([run for block in range(10) for run in pair(block, 0.0, 1.0)]) == ()
    assert noise_of([pair(block, 1.0, 1.0)[0] for block in range(10)]) == ()
    assert noise_of([run for block in range(5) for run in pair(block, 1.0, 1.0)]) == ()


def test_what_cannot_be_seen_in_ten_minutes_is_said_beforehand() -> None:
    noisy, quiet = render(report(0.5)), render(report(0.01))
    assert "cannot see 1 % in cpu in 10 minutes" in noisy
    assert "A change of 1 % in cpu is seen in a budget of 10 minutes" in quiet
    seen = seen_in(report(0.03), "cpu", 600)
    assert seen is not None
    assert seen[0] == 900


def test_the_report_names_remedies() -> None:
    assert "What to change" in render(report(0.03))
    assert "turn it off" in render(report(0.03))


def test_a_steady_fake_program_has_no_noise_and_the_report_is_json() -> None:
    def runner(launch: Launch, options: RunOptions) -> ProcessRecord:
        return ProcessRecord(started_at=1.0, seconds=0.01, outcome="ok", samples=(Sample("rss", 4096.0, "B"),))

    steady = Calibrator((0,), iterations=1000, spinner=lambda cpus, iterations: 0.02)
    made = examine(pairs=6, launch=Launch(argv=("fake",)), runner=runner, calibrator=steady)
    assert [(n.metric, n.sd) for n in made.noise] == [("rss", 0.0)]
    document = json.loads(msgspec.json.encode(made))
    assert document["schema"] == "whence.doctor/1"
    assert "NaN" not in json.dumps(document)


def test_too_few_pairs_are_refused_before_anything_is_run() -> None:
    with pytest.raises(BadInput, match="Use 6 or more"):
        examine(pairs=5)


@pytest.mark.real
@pytest.mark.parametrize("question", host.QUESTIONS, ids=lambda q: q.__name__)
def test_every_question_has_an_answer_here(question) -> None:  # type: ignore[no-untyped-def]
    answer = question()
    assert answer.state in {"yes", "partly", "no"}
    assert answer.detail
    assert "\n" not in answer.detail + answer.remedy


@pytest.mark.real
def test_quick_looks_without_measuring_and_prints_only_json() -> None:
    program = "from whence.cli.doctor import command; import typer; typer.run(command)"
    words = [sys.executable, "-c", program, "--quick", "--json", "-"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert document["noise"] == []
    assert len(document["capabilities"]) == len(host.QUESTIONS)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 %"), (1e-6, "<0.01 %"), (0.0021, "0.21 %"), (0.0345, "3.5 %"), (0.5, "50 %")]
)
def test_shares_have_two_digits(value: float, text: str) -> None:
    assert share(value) == text
