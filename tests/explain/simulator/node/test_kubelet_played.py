"""Histories that the kubelet's own eviction manager played (bench/node/kubelet): every pass and victim is the same."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from tests.explain.simulator.node.playing import play

PLAYED = json.loads(lzma.decompress((Path(__file__).parent / "kubelet_played.json.xz").read_bytes()))["played"]


@pytest.mark.parametrize("case", PLAYED, ids=lambda case: f"history-{case['seed']}")
def test_passes_victims_and_refusals_are_those_of_the_kubelet(case: dict[str, Any]) -> None:
    told, ours = case["outcome"], play(case["history"], case["seed"])
    # The player reads MemoryPressure at the next pass, so that of the last one is not known.
    count = len(told["passes"]) - 1
    assert count > 5
    assert ours["passes"][:count] == told["passes"][:count]
    assert ours["refused"] == len(told["refused"] or [])


def test_the_histories_hold_what_they_are_to_test() -> None:
    histories = [case["history"] for case in PLAYED]
    assert sum(bool(p["victim"]) for case in PLAYED for p in case["outcome"]["passes"]) >= 12
    assert any(t["grace"] for history in histories for t in history["thresholds"])
    assert any(t["on_pods"] for history in histories for t in history["thresholds"])
    assert any(t["min_reclaim"] for history in histories for t in history["thresholds"])
    assert any(pod["critical"] for history in histories for pod in history["pods"])
