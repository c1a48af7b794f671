"""A program from a few numbers, as people write them: `200MB/s`, `80MB`, `64B,1KiB:pointers`."""

from __future__ import annotations

import re

import msgspec

from whence.evidence.errors import BadInput
from whence.evidence.units import parse_bytes, parse_seconds
from whence.explain.simulator.engine.workload import ObjectKind, Workload

DEFAULT_OBJECTS = "64B,256B,1KiB"
LARGEST_OBJECT = 1 << 40
_SPAN = {"pointers": 1.0, "nopointers": 0.0}


class SizeShare(msgspec.Struct, frozen=True):
    """Objects of one size and the share of the bytes that they make up."""

    size_bytes: int
    weight: float
    pointer_share: float


class FewNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a person knows of a service. Texts are as on the command line."""

    alloc_rate: str
    live: str
    objects: str = DEFAULT_OBJECTS
    kept: float = 0.5
    """Share of the live bytes that is made at the start and kept."""
    duration: str = "60s"
    start_peak: str | None = None
    start_time: str = "50ms"
    cpu_share: float = 0.0
    """Cores that the program itself needs beside allocating."""
    goroutines: int = 1

    def workload(self) -> Workload:
        """Returns the program. Raises BadInput."""
        rate, live = parse_rate(self.alloc_rate), parse_live(self.live)
        seconds, start = parse_seconds(self.duration), parse_seconds(self.start_time)
        if not 0 <= self.kept <= 1:
            raise BadInput(f"--kept {self.kept}: a share lies between 0 and 1.")
        if start > seconds:
            raise BadInput(f"a start of {self.start_time} does not fit into a run of {self.duration}. Lengthen it.")
        kinds: list[ObjectKind] = []
        sizes = parse_objects(self.objects)
        whole = sum(size.weight for size in sizes)
        for size in sizes:
            for pointers, share in ((True, size.pointer_share), (False, 1 - size.pointer_share)):
                kinds += _kinds(size.size_bytes, pointers, rate, live, share * size.weight / whole, self.kept)
        return Workload(
            name=self.name(),
            kinds=tuple(kinds),
            duration_seconds=seconds,
            start_seconds=start,
            start_peak_bytes=0 if self.start_peak is None else parse_bytes(self.start_peak),
            cpu_share=self.cpu_share,
            goroutines=self.goroutines,
            source="few-numbers",
        ).checked()

    def name(self) -> str:
        peak = "" if self.start_peak is None else f", {self.start_peak} at the start"
        return f"{self.alloc_rate} allocated, {self.live} live, objects of {self.objects}{peak}"


def _kinds(size: int, pointers: bool, rate: float, live: int, share: float, kept_share: float) -> list[ObjectKind]:
    """Returns the kept and the replaced objects of one size; without any rate all live objects are kept."""
    if share <= 0:
        return []
    per_second = rate * share / size
    kept = round(live * share / size * (kept_share if per_second else 1.0))
    replaced = round(live * share / size) - kept
    made: list[ObjectKind] = []
    if kept:
        made.append(ObjectKind(size_bytes=size, live=kept, pointers=pointers))
    if per_second:
        made.append(ObjectKind(size_bytes=size, rate=per_second, live=replaced, pointers=pointers))
    return made


def parse_rate(text: str) -> float:
    """Returns bytes a second of `200MB/s`; `0` is none. Raises BadInput."""
    amount = re.sub(r"/s(ec)?\Z", "", text.strip())
    if amount in {"0", "0B", "0MB"}:
        return 0.0
    try:
        return float(parse_bytes(amount))
    except BadInput as error:
        raise BadInput(f"{text!r} is no rate of allocation. Write for example 200MB/s.") from error


def parse_live(text: str) -> int:
    """Returns bytes of `80MB`; `0` is none. Raises BadInput."""
    return 0 if text.strip() in {"0", "0B"} else parse_bytes(text)


def parse_objects(text: str) -> tuple[SizeShare, ...]:
    """Returns the sizes of `64B,1KiB:pointers,4KiB:nopointers*3`: half with pointers unless said, `*N` weighs bytes.

    `:0.3` is the share of the objects that hold pointers. Raises BadInput.
    """
    found: list[SizeShare] = []
    for item in text.split(","):
        body, _, weight_text = item.strip().partition("*")
        size_text, _, kind = body.partition(":")
        weight = _number(weight_text, item, 1.0)
        share = _SPAN[kind] if kind in _SPAN else _number(kind, item, 0.5)
        if not size_text.strip() or weight <= 0 or not 0 <= share <= 1:
            raise BadInput(f"{item!r} is no kind of objects. Write for example 64B, 64B:pointers or 1KiB:0.3*2.")
        size = parse_bytes(size_text)
        if size > LARGEST_OBJECT:
            raise BadInput(f"{item!r}: no Go object is larger than 1 TiB.")
        found.append(SizeShare(size, weight, share))
    return tuple(found)


def _number(text: str, item: str, default: float) -> float:
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{item!r} is no kind of objects. Write for example 64B, 64B:pointers or 1KiB:0.3*2.") from None
