"""A large heap profile of a given shape, written by a writer of its own so that no reader here has seen its habits.

A call tree with four sample types, labels with units, short lists unpacked and long ones packed, as Go's encoder
writes them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def write(path: Path, *, samples: int, locations: int = 60_000, functions: int = 20_000, seed: int = 1) -> None:
    """Writes a profile with `samples` samples of a mean depth of 33 frames."""
    random = np.random.default_rng(seed)
    strings = ["", "alloc_objects", "count", "alloc_space", "bytes", "inuse_objects", "inuse_space", "space", "main.go"]
    first_name = len(strings)
    strings += [f"example.org/service/package{i % 300}.(*Type{i % 4000}).Method{i}" for i in range(functions)]
    encoded = [varint(i) for i in range(locations + 1)]
    with open(path, "wb") as out:
        for kind, unit in ((1, 2), (3, 4), (5, 2), (6, 4)):
            out.write(field(1, b"\x08" + varint(kind) + b"\x10" + varint(unit)))
        parents = np.concatenate([[0], (np.arange(1, locations) * random.random(locations - 1) ** 0.35).astype(int)])
        for low in range(0, samples, 50_000):
            out.write(_samples(random, encoded, locations, parents, min(50_000, samples - low)))
        out.write(field(3, b"\x08\x01\x10\x80\x80\x80\x02\x18\x80\x80\x80\x08\x28\x08"))
        for row in range(locations):
            line = b"\x08" + varint(1 + row % functions) + b"\x10" + varint(10 + row % 900)
            body = b"\x08" + varint(row + 1) + b"\x10\x01\x18" + varint(0x401000 + 16 * row) + field(4, line)
            out.write(field(4, body))
        for row in range(functions):
            name = varint(first_name + row)
            out.write(field(5, b"\x08" + varint(row + 1) + b"\x10" + name + b"\x18" + name + b"\x20\x08"))
        for text in strings:
            out.write(field(6, text.encode()))
        out.write(field(11, b"\x08\x07\x10\x04") + b"\x60\x80\x80\x20")


def _samples(
    random: np.random.Generator, encoded: list[bytes], locations: int, parents: np.ndarray, count: int
) -> bytes:
    depths = np.clip(random.poisson(33, count), 2, 120)
    leaves = random.integers(locations // 2, locations, count)
    parts = []
    values = random.integers(1, 2_000, (count, 2))
    for depth, leaf, (objects, size) in zip(depths.tolist(), leaves.tolist(), values.tolist(), strict=True):
        stack, at = [], leaf
        for _ in range(depth):
            stack.append(encoded[at + 1])
            at = int(parents[at])
            if at == 0:
                at = (leaf * 31 + len(stack) * 7919) % locations
        packed = b"".join(stack)
        slot = 16 << size % 8
        numbers = b"".join(varint(n) for n in (objects, objects * slot, objects // 3, objects // 3 * slot))
        label = b"\x08\x04\x18" + varint(slot) + b"\x20\x04"
        body = b"\x0a" + varint(len(packed)) + packed + b"\x12" + varint(len(numbers)) + numbers + field(3, label)
        parts.append(b"\x12" + varint(len(body)) + body)
    return b"".join(parts)
