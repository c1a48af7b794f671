"""What a program counts about itself, in whichever notation: Prometheus text, or any of the JSON forms."""

from __future__ import annotations

from whence.measure.profiles.readers import metrics_json, metrics_text
from whence.measure.profiles.readers.snapshot import Snapshot

_HEAD = 1 << 16


def read_snapshots(content: bytes) -> tuple[Snapshot, ...] | None:
    """Returns the snapshots in decompressed content, None when it is in neither notation. Raises DamagedInput."""
    head = content[:_HEAD]
    if head.lstrip()[:1] in (b"{", b"["):
        return metrics_json.read(content)
    return metrics_text.read(content) if metrics_text.looks_like(head) else None
