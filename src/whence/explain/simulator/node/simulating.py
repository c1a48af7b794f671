"""The front door: variants of pods on one node, each in as many replicas, with answers and their spread."""

from __future__ import annotations

from pathlib import Path

from whence.evidence.errors import BadInput
from whence.evidence.node_simulation import NodeSimulation, NodeVariant, Protection
from whence.explain.simulator.node import answering, picturing, pod_files, protection, throttling, wording
from whence.explain.simulator.node import fields as f
from whence.explain.simulator.node.go_process import SECOND
from whence.explain.simulator.node.kubernetes_mapping import protection as set_protection
from whence.explain.simulator.node.node_spec import Node
from whence.explain.simulator.node.pods import PodKind
from whence.explain.simulator.node.population import Place, refilled_places, tables
from whence.explain.simulator.node.replicas import Replica, run_all
from whence.explain.simulator.node.settings import process_of

MOST_PODS = 20_000
MOST_EVENTS = 5e9
LONGEST_S = 60 * 24 * 3600.0


def simulate_node(
    node: Node,
    kinds: tuple[PodKind, ...],
    *,
    pods: int = 110,
    pods_file: Path | None = None,
    seconds: float = 7200.0,
    seed: int = 1,
    replicas: int = 20,
    warmup_seconds: float | None = None,
    workers: int | None = None,
) -> NodeSimulation:
    """Returns what a node with its pods does, for each variant in `kinds` with the same pods. Raises BadInput.

    pods: places that are refilled when a pod ends; pods_file: explicit pods instead, each variant then being what the
    file leaves unsaid. Deterministic in all arguments but `workers`.
    """
    node = node.checked()
    _check(kinds, pods, seconds, replicas, node)
    explicit = pod_files.read(pods_file) if pods_file is not None else []
    end_ns = round(seconds * SECOND)
    mean = max(kind.lifetime.mean for kind in kinds)
    warmup = warmup_seconds if warmup_seconds is not None else 0.0 if explicit else min(0.1 * seconds, 2 * mean + 10)
    if not 0 <= warmup < seconds:
        raise BadInput(f"a warm-up of {warmup:g} s leaves nothing of {seconds:g} s to measure. Shorten it.")
    found: list[NodeVariant] = []
    raw: list[list[Replica]] = []
    for kind in kinds:
        which: list[int] = []
        shown = (kind.checked(),)
        if explicit and pods_file is not None:
            which, shown = pod_files.kinds_of(explicit, kind, pods_file)
        starts = [pod.start_ns for pod in explicit]

        def places(
            number: int, kind: PodKind = kind, which: list[int] = which, starts: list[int] = starts
        ) -> tuple[Place, ...]:
            if which:
                return tuple(Place(k, start, False) for k, start in zip(which, starts, strict=True))
            return refilled_places(pods, kind, number)

        table = tables(shown, node)
        runs = run_all(
            table, places, node, seed=seed, replicas=replicas, end_ns=end_ns, warmup_ns=round(warmup * SECOND),
            workers=workers,
        )  # fmt: skip
        raw.append(runs)
        found.append(_variant(kind, shown, runs, node, tuple(pod.name for pod in explicit), pods, end_ns))
    differences = [
        difference
        for name, runs in zip([kind.name for kind in kinds[1:]], raw[1:], strict=True)
        for difference in answering.differences(kinds[0].name, raw[0], name, runs)
    ]
    simulation = NodeSimulation(
        sentence="",
        seed=seed,
        replicas=replicas,
        simulated_s=seconds,
        memory_bytes=node.memory_bytes,
        pods=len(explicit) or pods,
        explicit=bool(explicit),
        pass_s=node.pass_seconds,
        scan_s=node.scan_seconds,
        variants=tuple(found),
        differences=tuple(differences),
    )
    return wording.told(simulation)


def _check(kinds: tuple[PodKind, ...], pods: int, seconds: float, replicas: int, node: Node) -> None:
    if not kinds:
        raise BadInput("there is no variant to simulate. Name at least one.")
    names = [kind.name for kind in kinds]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"two variants are called {name}. Give each its own name, as NAME:key=value.")
    if not 1 <= pods <= MOST_PODS:
        raise BadInput(f"--pods {pods} is outside 1 to {MOST_PODS}. A kubelet runs 110 by default.")
    if not 1 <= replicas <= 1000:
        raise BadInput(f"--replicas {replicas} is outside 1 to 1000. Twenty tell the spread.")
    if not 1 <= seconds <= LONGEST_S:
        raise BadInput(f"--for {seconds:g} s is outside 1 s to {LONGEST_S:g} s. Two hours show what there is.")
    for kind in kinds:
        turn = kind.lifetime.mean + kind.gap_seconds + kind.creating_seconds
        if turn <= 0 or pods * seconds / turn * 20 * replicas > MOST_EVENTS:
            raise BadInput(
                f"{kind.name}: so short pods for so long are more than {MOST_EVENTS:.0e} events. Shorten --for."
            )


def _variant(
    kind: PodKind, shown: tuple[PodKind, ...], runs: list[Replica], node: Node, names: tuple[str, ...], pods: int,
    end_ns: int,
) -> NodeVariant:  # fmt: skip
    curves = shown[0].process_curves()
    curve = curves[len(curves) // 2]
    allocatable = node.memory_bytes - node.reserved_bytes
    longest = int(shown[0].lifetime.quantile(0.95 if shown[0].lifetime.varies else 0.5) * SECOND)
    lost, left_out = picturing.losses(runs[0], names)
    return NodeVariant(
        name=kind.name,
        spec=kind.spec,
        qos=shown[0].qos_class if len(shown) == 1 else "mixed",
        answers=answering.answers(runs),
        process=picturing.process_steps(curve, longest),
        moments=picturing.moments(runs[0], end_ns),
        losses=lost,
        losses_left_out=left_out,
        order=throttling.order(process_of(shown[0]), curve, shown[0].memory_high(allocatable), shown[0].limit),
        protection=_protection(shown[0], int(curve.resident[-1]), pods),
        events=sum(int(run.counts[f.EVENTS]) for run in runs),
    )


def _protection(kind: PodKind, resident: int, pods: int) -> Protection:
    """Returns what protects one pod among `pods` alike, in the tree kubepods / class / pod."""
    request = kind.request or kind.limit
    least, low = set_protection(kind.qos_class, request, kind.reservation)

    def reaches(own: int) -> int:
        group = protection.Group(name="pod", usage=resident, setting=own)
        others = protection.Group(name="others", usage=resident * (pods - 1), setting=own * (pods - 1))
        inner = protection.Group(name="class", usage=resident * pods, setting=own * pods, children=(group, others))
        top = protection.Group(name="kubepods", usage=resident * pods, setting=own * pods, children=(inner,))
        return protection.effective((top,))["pod"]

    note = None
    if low:
        note = (
            "memory.low did not hold against a shortage of the whole machine on kernel 6.12 with the multi-generational"
            " LRU, its default; memory.min did."
        )
    return Protection(
        memory_min=least, memory_low=low, effective_min=reaches(least), effective_low=reaches(low), resident=resident,
        note=note,
    )  # fmt: skip
