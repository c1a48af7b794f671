"""What the pods of one variant are: how long they live, what they ask for, how their process holds memory."""

from __future__ import annotations

import msgspec

from whence.evidence.errors import BadInput
from whence.explain.simulator.node.curve import Curve
from whence.explain.simulator.node.go_process import SECOND, GoProcess, curve_of
from whence.explain.simulator.node.kubernetes_mapping import Qos, Reservation, memory_high, qos_class
from whence.explain.simulator.node.lifetimes import Distribution

CURVES_OF_VARYING = 32
_LONGEST_NS = 40 * 24 * 3600 * SECOND
SYSTEM_CRITICAL = 2_000_000_000


class PodKind(msgspec.Struct, frozen=True, kw_only=True):
    """Pods that are alike but for chance. Bytes and seconds; 0 for a request or limit that is not set."""

    name: str = "base"
    spec: str = ""
    lifetime: Distribution
    start_peak: Distribution
    live: Distribution
    process: GoProcess = GoProcess()
    """The other numbers of the process; its own start_peak and live are replaced by what is drawn."""
    curves: tuple[Curve, ...] = ()
    """Given instead of a Go process: one is drawn for each pod, all alike likely."""
    request: int = 0
    limit: int = 0
    memory_qos: bool = False
    """Whether the kubelet sets memory.high."""
    high: int | None = None
    """memory.high set by hand."""
    reservation: Reservation = "none"
    qos: Qos | None = None
    priority: int = 0
    critical: bool = False
    tolerates_pressure: bool = False
    creating_seconds: float = 1.0
    """From admission until the process starts: the pod is there, without statistics."""
    exit_seconds: float = 0.2
    """From the kubelet's decision until the process is gone; never longer than the grace of 1 s."""
    gap_seconds: float = 0.0
    """Until the next pod comes into the place of one that ended."""

    @property
    def qos_class(self) -> Qos:
        return self.qos or qos_class(self.request, self.limit)

    def memory_high(self, allocatable: int) -> int | None:
        if self.high is not None:
            return self.high
        return memory_high(self.request or self.limit, self.limit, allocatable) if self.memory_qos else None

    def process_curves(self) -> tuple[Curve, ...]:
        """Returns the staircases of the processes, one drawn for each pod. Raises BadInput."""
        if self.curves:
            return self.curves
        longest = min(_LONGEST_NS, int(self.lifetime.quantile(1 - 1e-6 if self.lifetime.varies else 0.5) * SECOND) + 1)
        count = CURVES_OF_VARYING if self.start_peak.varies or self.live.varies else 1
        found = []
        for index in range(count):
            probability = (index + 0.5) / count
            process = msgspec.structs.replace(
                self.process,
                start_peak=int(self.start_peak.quantile(probability)),
                live=int(self.live.quantile(probability)),
            )
            found.append(curve_of(process, longest))
        return tuple(found)

    def checked(self) -> PodKind:
        """Returns itself. Raises BadInput for settings that contradict each other."""
        if self.limit and self.request > self.limit:
            raise BadInput(f"{self.name}: the request of {self.request} B is above the limit. Kubernetes refuses that.")
        if (
            self.qos is not None
            and self.qos != qos_class(self.request, self.limit)
            and not (self.qos == "Burstable" and not self.request and not self.limit)
        ):
            raise BadInput(
                f"{self.name}: a pod of request {self.request} B and limit {self.limit} B is"
                f" {qos_class(self.request, self.limit)}, not {self.qos}. Change --qos, --request or --limit."
            )
        if self.high is not None and self.limit and self.high > self.limit:
            raise BadInput(f"{self.name}: memory.high above the limit never acts. Lower --high.")
        self.process.checked()
        return self
