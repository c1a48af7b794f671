"""A comparison on a Ray cluster of two nodes, one of which is killed midway: nothing lost, its block run again."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from whence.evidence.request import Request
from whence.evidence.run import BlockEnd, Run, Session, used_runs
from whence.measure.compare import compare
from whence.measure.lab.events import BlockEnded

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'whence[cluster]'"),
]
BLOCKS = 8


def test_a_node_killed_midway_costs_its_block_and_no_result(tmp_path: Path) -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    doomed = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()

    class Killer:
        """Kills the second node once it has measured a block, while it measures another."""

        hosts: dict[int, str]
        killed = False

        def __init__(self) -> None:
            self.hosts = {}

        def stage(self, name: str, text: str) -> None:
            return

        def event(self, event: object) -> None:
            run = getattr(event, "run", None)
            if run is not None and run.kind == "counted":
                self.hosts[run.block] = run.host_name
            if isinstance(event, BlockEnded) and not self.killed and len(set(self.hosts.values())) == 2:
                self.killed = True
                cluster.remove_node(doomed, allow_graceful=False)

    program = tmp_path / "prog"
    program.write_text("#!/bin/sh\nsleep 0.3; echo BenchmarkHold 1 $((7 + ${MORE:-0})) frobs\n")
    program.chmod(0o755)
    killer = Killer()
    request = Request(
        variants=(f"a:binary={program}", f"b:binary={program},MORE=1"), subject="exec:", metrics=("frobs",),
        pairs=BLOCKS, seed=5, cluster="ray", address=cluster.address, directory=str(tmp_path),
    )  # fmt: skip
    try:
        result = compare(request, out=tmp_path / "run", listener=killer)
    finally:
        cluster.shutdown()
    assert killer.killed
    used = used_runs(list(result.lines))
    by_block = {block: [run for run in used if run.block == block] for block in range(BLOCKS)}
    assert all(sorted(run.variant for run in runs) == ["a", "b"] for runs in by_block.values())
    assert all(len({run.host_name for run in runs}) == 1 for runs in by_block.values())
    assert len(result.comparison.host.blocks_by_host) == 2
    ends = [line for line in result.lines if isinstance(line, BlockEnd)]
    lost = [end for end in ends if end.status == "interrupted"]
    assert len(lost) == 1
    assert "was lost inside this block" in lost[0].reason
    assert [e.attempt for e in ends if e.block == lost[0].block and e.status == "complete"] == [1]
    assert len([line for line in result.lines if isinstance(line, Session)]) >= 3, "here, and one a node"
    assert all(run.outcome == "ok" for run in result.lines if isinstance(run, Run))
    effect = result.comparison.effects[0]
    assert effect.pairs == BLOCKS
    assert effect.ratio == pytest.approx(8 / 7)
    assert not result.comparison.interim
