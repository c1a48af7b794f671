"""From a pod's requests and limits to what the kernel is told: QoS class, memory.high, memory.min and low, OOM scores.

Read at pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, pkg/kubelet/qos/policy.go and
pkg/kubelet/cm/qos_container_manager_linux.go of Kubernetes 1.34.2, and KEP-2570 (Memory QoS) for tiered reservation.
"""

from __future__ import annotations

from math import floor
from typing import Literal

PAGE = 4096
THROTTLING_FACTOR = 0.9

Qos = Literal["Guaranteed", "Burstable", "BestEffort"]
Reservation = Literal["none", "all", "tiered"]
"""Who is protected: nobody; every request as memory.min (1.34); Guaranteed min and Burstable low (tiered)."""


def qos_class(request_bytes: int, limit_bytes: int) -> Qos:
    """Returns the class from memory alone; 0 means not set. A limit without a request is its own request."""
    if not request_bytes and not limit_bytes:
        return "BestEffort"
    if limit_bytes and (request_bytes or limit_bytes) == limit_bytes:
        return "Guaranteed"
    return "Burstable"


def memory_high(
    request_bytes: int, limit_bytes: int, allocatable_bytes: int, factor: float = THROTTLING_FACTOR
) -> int | None:
    """Returns memory.high as the kubelet sets it with Memory QoS on, None where it sets none."""
    if request_bytes == limit_bytes:
        return None
    most = limit_bytes or allocatable_bytes
    high = floor((request_bytes + (most - request_bytes) * factor) / PAGE) * PAGE
    return high if high > request_bytes else None


def protection(qos: Qos, request_bytes: int, reservation: Reservation) -> tuple[int, int]:
    """Returns (memory.min, memory.low) of a container."""
    if reservation == "none" or qos == "BestEffort":
        return 0, 0
    if reservation == "tiered" and qos == "Burstable":
        return 0, request_bytes
    return request_bytes, 0


def oom_score_adjust(qos: Qos, request_bytes: int, capacity_bytes: int, *, critical: bool) -> int:
    """Returns oom_score_adj: the kernel's first choice is BestEffort, then whoever is most above a small request."""
    if critical or qos == "Guaranteed":
        return -997
    if qos == "BestEffort":
        return 1000
    return min(max(1000 - 1000 * request_bytes // capacity_bytes, 3), 999)
