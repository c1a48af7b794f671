"""What a node is and how its kubelet is set: memory, reservations, eviction thresholds, times."""

from __future__ import annotations

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes, parse_seconds

MEBIBYTE = 1 << 20


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """Evict when less than `value_bytes` are available for longer than `grace_seconds` (0: a hard threshold)."""

    value_bytes: int
    grace_seconds: float = 0.0
    min_reclaim_bytes: int = 0
    on_pods: bool = False
    """Of the memory that all pods together may use, instead of the node's."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One machine. Defaults are those of Kubernetes 1.34 where it has any."""

    memory_bytes: int
    system_bytes: int = 400 * MEBIBYTE
    """What everything outside the pods holds, and text that pods share."""
    reserved_bytes: int = 0
    """kube-reserved and system-reserved: what pods together may not use."""
    thresholds: tuple[Threshold, ...] = (
        Threshold(value_bytes=100 * MEBIBYTE),
        Threshold(value_bytes=100 * MEBIBYTE, on_pods=True),
    )
    evicts: bool = True
    pass_seconds: float = 10.0
    poll_seconds: float = 1.0
    cleanup_timeout_seconds: float = 30.0
    cleanup_seconds: float = 1.5
    """From a process's exit until the kubelet has removed the pod."""
    pressure_seconds: float = 300.0
    housekeeping_seconds: float = 10.0
    """Least time between two readings of a pod's memory; the longest is twice that."""
    scan_seconds: float = 10.0
    """How often the observer looks whose view is compared with the truth."""
    kernel_ticks: int = 1000
    charge_batch_pages: int = 64

    def checked(self) -> Node:
        """Returns itself. Raises BadInput for what contradicts itself."""
        if self.system_bytes >= self.memory_bytes:
            raise BadInput(f"the system holds {self.system_bytes} B of {self.memory_bytes} B. Give a larger --memory.")
        if self.reserved_bytes >= self.memory_bytes:
            raise BadInput("more memory is reserved than the node has. Lower --reserved.")
        for threshold in self.thresholds:
            if threshold.value_bytes + self.system_bytes >= self.memory_bytes:
                raise BadInput(
                    f"less than {threshold.value_bytes} B are available on the empty node, so that it always evicts."
                    " Lower the threshold or raise --memory."
                )
        return self


def thresholds_of(hard: str | None, soft: str | None, capacity: int) -> tuple[Threshold, ...]:
    """Returns thresholds from `100MiB` or `5%`, and soft ones as `500MiB:1m30s`; hard ones hold for the pods as well.

    Raises BadInput.
    """
    found: list[Threshold] = []
    if hard is None:
        hard = "100MiB"
    if hard != "none":
        value = _value(hard, capacity)
        found = [Threshold(value_bytes=value), Threshold(value_bytes=value, on_pods=True)]
    if soft is not None:
        value_text, colon, grace = soft.partition(":")
        if not colon:
            raise BadInput(f"the soft threshold {soft!r} names no grace period. Write for example 500MiB:1m30s.")
        found.append(Threshold(value_bytes=_value(value_text, capacity), grace_seconds=parse_seconds(grace)))
    return tuple(found)


def _value(text: str, capacity: int) -> int:
    if not text.endswith("%"):
        return parse_bytes(text)
    try:
        share = float(text[:-1])
    except ValueError as error:
        raise BadInput(f"{text!r} is no share of memory. Write for example 5%.") from error
    if not 0 < share < 100:
        raise BadInput(f"{text!r} is outside 0 % to 100 %. Write for example 5%.")
    return int(capacity * share / 100)
