"""The real programs with planted causes, and the changes that have none: what is asked, and how answers are counted."""

import os
import subprocess
from pathlib import Path

import pytest
from bench.planted.__main__ import PROGRAM, inquiry_of, table
from bench.planted.scenarios import KINDS, draw

from bench import acquittals
from whence.explain.attribution.deriving import derive
from whence.explain.explain import check

NUMBERS = range(24)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_scenario_has_six_to_eight_switches_and_each_is_a_lever_of_its_own(number):
    scenario = draw(number)
    assert 6 <= len(scenario.switches) <= 8
    assert len(scenario.tags) <= 4
    settled = check(inquiry_of(scenario))
    levers = derive(
        *settled.variants[:2], (settled.releases[0], settled.releases[1]), directory=PROGRAM, source=None
    )  # fmt: skip
    assert {lever.name for lever in levers.levers} == set(scenario.switches)
    assert {lever.name for lever in levers.levers if lever.is_build} == set(scenario.tags)


def test_every_kind_comes_up_and_a_number_is_always_the_same_scenario():
    assert {draw(number).kind for number in NUMBERS} == set(KINDS)
    assert draw(3) == draw(3)


def test_a_masked_pair_cancels_and_a_third_switch_does_not():
    masked = [draw(number) for number in NUMBERS if draw(number).kind == "masked"]
    for scenario in masked:
        sizes = [size for _, what, size in scenario.effects if what == "work"]
        assert sizes[0] * sizes[1] == pytest.approx(1)
        assert sizes[2] != 1
        assert len(scenario.switches) - len(scenario.idle) == 3


def row(blamed: dict[str, bool], shares: dict[str, float]) -> dict[str, object]:
    causes = [[name, share, share - 0.01, share + 0.01, blamed[name]] for name, share in shares.items()]
    return {"idle": ["S2"], "truth": {"S1": 0.10, "S2": 0.0}, "causes": causes}


def lines_of(*rows: dict[str, object]) -> dict[str, str]:
    told = [line.strip() for line in table(list(rows)).splitlines() if "%" in line]
    return {line.split("  ")[0]: line.split("  ", 1)[1].split()[0] for line in told if not line.startswith("rate")}


def test_the_table_counts_top_causes_covered_truths_and_idle_switches_blamed():
    good = row({"S1": True, "S2": False}, {"S1": 0.105, "S2": 0.001})
    bad = row({"S1": False, "S2": True}, {"S1": 0.05, "S2": 0.07})
    told = lines_of(good, bad)
    assert told["top cause right"] == "50.00%"
    assert told["intervals cover the truth"] == "50.00%"
    assert told["idle switches blamed"] == "50.00%"


def test_forty_tries_are_ten_of_each_change_without_a_cause():
    kinds = [acquittals.KINDS[number % len(acquittals.KINDS)] for number in range(40)]
    assert {kinds.count(kind) for kind in acquittals.KINDS} == {10}
    for number in range(4):
        inquiry = acquittals.inquiry_of(number)
        assert len(inquiry.request.variants) == 2
        assert inquiry == acquittals.inquiry_of(number)


def run(program: Path, **variables: str) -> tuple[set[str], int]:
    """Returns the units that the program prints, and the most memory it held, in bytes."""
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True, env=os.environ | variables)
    assert process.stdout is not None
    units = {line.split()[-1] for line in process.stdout}
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return units, usage.ru_maxrss * 1024


@pytest.mark.real
def test_the_program_does_what_its_plan_says_only_where_the_switches_are_on(tmp_path):
    for name, tags in (("off", ""), ("on", "b1")):
        subprocess.run(["go", "build", "-tags", tags, "-o", tmp_path / name, "."], cwd=PROGRAM, check=True)
    plan = {"PLAN": "b1*S1 memory 400; S2 work 1.01", "TAIL": "1"}
    held = 24e6 + 400e6
    units, alone = run(tmp_path / "on", **plan)
    assert units == {"ticks", "tail-ticks"}
    assert alone < held
    assert run(tmp_path / "off", **plan, S1="1")[1] < held
    assert run(tmp_path / "on", **plan, S1="1")[1] > held
