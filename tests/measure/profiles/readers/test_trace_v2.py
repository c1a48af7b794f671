"""The v2 reader against the toolchain's own event tables and text traces, and against damage."""

from __future__ import annotations

import ast
import io
import random
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from whence.evidence.errors import BadInput
from whence.golang import toolchains
from whence.measure.profiles.readers.damage import DamagedInput
from whence.measure.profiles.readers.trace import read_trace
from whence.measure.profiles.readers.trace_v2 import generations, is_trace
from whence.measure.profiles.readers.trace_v2_chain import chain_starts
from whence.measure.profiles.readers.trace_v2_events import CODE, EVENTS, NAME

TABLES = (
    ("1.22.12", "internal/trace/v2/event/go122/event.go"),
    ("1.23.12", "internal/trace/event/go122/event.go"),
    ("1.24.13", "internal/trace/event/go122/event.go"),
    ("1.25.5", "internal/trace/tracev2/events.go"),
    ("1.26.11", "internal/trace/tracev2/events.go"),
    ("1.27.4", "internal/trace/tracev2/events.go"),
)
ARGS = {event.name: event.args for event in EVENTS}
TIMED = {event.name for event in EVENTS if event.timed}


def goroot(version: str) -> Path:
    found = toolchains.find(version)
    if found is None:
        pytest.skip(f"SKIPPED go{version} is not installed")
    return found.goroot


def varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def encode(text: str) -> bytes:
    """Turns the toolchain's text form of a trace into the binary form."""
    lines = text.strip().splitlines()
    version = int(lines[0].removeprefix("Trace Go1."))
    out = bytearray(b"go 1.%d trace\0\0\0" % version)
    head, body = b"", bytearray()

    def flush() -> None:
        nonlocal head, body
        if head:
            out.extend(head + varint(len(body)) + body)
        head, body = b"", bytearray()

    for line in lines[1:]:
        stripped = line.strip()
        if stripped.startswith("data="):
            data = ast.literal_eval("b" + stripped.removeprefix("data="))
            body += varint(len(data)) + data
            continue
        if line.startswith("\t"):
            body += b"".join(varint(int(field.partition("=")[2])) for field in stripped.split())
            continue
        name, *fields = shlex.split(stripped)
        values = {key: value for key, _, value in (field.partition("=") for field in fields)}
        if name == "EventBatch":
            flush()
            head = bytes([CODE[name]]) + b"".join(varint(int(values[key])) for key in ("gen", "m", "time"))
        elif name == "EndOfGeneration":
            flush()
            out.append(CODE[name])
        else:
            body += bytes([CODE[name]]) + b"".join(varint(int(values[key])) for key in ARGS[name])
    flush()
    return bytes(out)


def events_by_thread(text: str) -> dict[int, list[tuple[str, tuple[int, ...]]]]:
    """Returns what the text says about timed events: name and arguments behind the time, thread by thread."""
    found: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
    thread = 0
    for line in text.strip().splitlines()[1:]:
        if line.startswith(("\t", "data=")):
            continue
        name, *fields = line.split()
        values = [int(field.partition("=")[2]) for field in fields if field.partition("=")[2].isdigit()]
        if name == "EventBatch":
            thread = values[1]
        elif name in TIMED:
            found.setdefault(thread, []).append((name, tuple(values[1:])))
    return found


def read_by_thread(data: bytes) -> dict[int, list[tuple[str, tuple[int, ...]]]]:
    found: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
    for generation in generations(io.BytesIO(data)):
        for events in generation.blocks():
            for kind, thread, args in zip(events.kind, events.thread, events.args.T, strict=True):
                name = NAME[int(kind)]
                wanted = tuple(int(value) % (1 << 64) for value in args[: len(ARGS[name]) - 1])
                found.setdefault(int(thread) % (1 << 64), []).append((name, wanted))
    return found


@pytest.mark.parametrize(("version", "table"), TABLES)
def test_event_table_is_that_of_the_toolchain(version: str, table: str) -> None:
    """Every event of the toolchain's table has the code, the arguments and the timedness that ours has."""
    source = (goroot(version) / "src" / table).read_text()
    specs = re.findall(r"^\t(Ev\w+): (?:event\.Spec)?\{\n(.*?)^\t\},", source, re.M | re.S)
    assert len(specs) > 40
    for constant, body in specs:
        name = re.search(r'Name:\s+"(\w+)"', body)
        args = re.search(r"Args:\s+\[\]string\{(.*?)\}", body)
        assert name
        event = next(event for event in EVENTS if event.name == name[1])
        theirs = tuple(re.findall(r'"(\w+)"', args[1] if args else ""))
        if (version, constant) == ("1.22.12", "EvCPUSample"):
            theirs = event.args  # Its table has another order than its runtime (trace2cpu.go) writes.
        assert event.args == theirs, constant
        if name[1] != "ClockSnapshot":
            assert event.timed == ("IsTimedEvent: true" in body), constant
    # Codes follow from the order of the constants: from 0, and from 127 for experiments.
    blocks = re.findall(r"const \(\n(.*?)^\)", source, re.M | re.S)
    plain = next(block for block in blocks if "EvNone" in block)
    names = re.findall(r"^\t(Ev\w+|NumEvents)", plain, re.M)
    for code, constant in enumerate(names):
        if constant not in ("EvNone", "NumEvents"):
            assert CODE[constant.removeprefix("Ev")] == code
    known = {constant for constant, _ in specs}
    experimental = [block for block in blocks if "EvHeapObjectFree" in block]
    for block in experimental:
        for step, constant in enumerate(re.findall(r"^\t(Ev\w+)", block, re.M)):
            assert constant in known
            assert CODE[constant.removeprefix("Ev")] == 128 + step


def text_traces() -> list[Path]:
    found = toolchains.find("1.27.4")
    return sorted((found.goroot / "src/internal/trace/testdata/tests").glob("*.test")) if found else []


@pytest.mark.parametrize("path", text_traces(), ids=lambda path: path.stem)
def test_events_of_the_toolchains_own_traces(path: Path) -> None:
    """All events of a text trace come out with their arguments, in the order of their thread."""
    text = path.read_text().partition("-- trace --\n")[2]
    assert read_by_thread(encode(text)) == events_by_thread(text)


def small_trace(generations_: int = 1, version: int = 26) -> str:
    lines = [f"Trace Go1.{version}"]
    for number in range(1, generations_ + 1):
        start = number * 1000
        lines += [
            f"EventBatch gen={number} m=18446744073709551615 time={start} size=0",
            *(["Sync"] if version >= 25 else []),
            "Frequency freq=15625000",
            *([f"ClockSnapshot dt=2 mono=7 sec=9 nsec={number}"] if version >= 25 else []),
            f"EventBatch gen={number} m=1 time={start} size=0",
            "ProcStatus dt=1 p=0 pstatus=1",
            "GoStatus dt=1 g=5 m=1 gstatus=2",
            "HeapAlloc dt=3 heapalloc_value=4096",
            "GoSyscallBegin dt=1 p_seq=1 stack=7",
            "GoSyscallEndBlocked dt=90",
            "GoBlock dt=1 reason_string=3 stack=7",
            "HeapGoal dt=10 heapgoal_value=18446744073709551615",
            f"EventBatch gen={number} m=2 time={start + 4} size=0",
            "ProcStart dt=2 p=1 p_seq=1",
            "GoStart dt=1 g=6 g_seq=1",
            "GCBegin dt=20 gc_seq=1 stack=7",
            "GoDestroy dt=1",
            "ProcStop dt=1",
            f"EventBatch gen={number} m=18446744073709551615 time={start} size=0",
            "Stacks",
            "Stack id=7 nframes=2",
            "\tpc=100 func=1 file=2 line=11",
            "\tpc=200 func=4 file=2 line=12",
            f"EventBatch gen={number} m=18446744073709551615 time={start} size=0",
            "Strings",
            "String id=1",
            '\tdata="main.main"',
            "String id=3",
            '\tdata="chan receive"',
            f"EventBatch gen={number} m=18446744073709551615 time={start} size=0",
            "CPUSamples",
            f"CPUSample time={start + 9} m=1 p=0 g=0 stack=7",
            *(["EndOfGeneration"] if version >= 26 else []),
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("version", [22, 23, 25, 26])
def test_everything_that_a_generation_holds(version: int) -> None:
    first, second = generations(io.BytesIO(encode(small_trace(2, version))))
    events = first.events
    names = [NAME[kind] for kind in events.kind.tolist()]
    assert names == [
        *("ProcStatus", "GoStatus", "HeapAlloc", "GoSyscallBegin", "ProcStart", "GoStart", "GCBegin"),
        *("GoDestroy", "ProcStop", "GoSyscallEndBlocked", "GoBlock", "HeapGoal"),
    ]
    assert events.time_ns.tolist() == [64 * ticks for ticks in (1, 2, 5, 6, 6, 7, 27, 28, 29, 96, 97, 107)]
    assert events.goroutine.tolist() == [-1, 5, 5, 5, -1, 6, 6, 6, -1, 5, -1, -1]
    assert events.proc.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1, -1, -1, -1]
    assert events.of("HeapGoal").args[0].tolist() == [-1]
    assert first.select("HeapAlloc").args[0].tolist() == [4096]
    assert second.events.time_ns[0] == 64 * 1001
    assert first.strings == {1: "main.main", 3: "chan receive"}
    frames = first.stacks.frames(7)
    assert first.stacks.pc[frames].tolist() == [100, 200]
    assert first.stacks.line[frames].tolist() == [11, 12]
    assert first.stacks.frames(8) == slice(0, 0)
    assert first.cpu_samples.time_ns.tolist() == [64 * 9]
    assert first.cpu_samples.goroutine.tolist() == [-1]
    assert first.clock.ticks_per_second == 15625000
    if version >= 25:
        assert first.clock.snapshot_ticks == 1002
        assert second.clock.wall_ns == 9_000_000_002


def experiment(version: int, content: bytes, generation: int = 1) -> bytes:
    head = bytes([CODE["ExperimentalBatch"], 1]) + varint(generation) + varint((1 << 64) - 1) + varint(5)
    return b"go 1.%d trace\0\0\0" % version + head + varint(len(content)) + content


def test_allocations_have_addresses_types_and_sizes() -> None:
    """Ids become addresses by the layout that the trace states; experimental codes share their byte with the time."""
    text = small_trace().replace(
        "HeapAlloc dt=3 heapalloc_value=4096",
        "\n".join(
            [
                "SpanAlloc dt=1 id=3 npages_value=2 kindclass=20",
                "SpanAlloc dt=200 id=9 npages_value=1 kindclass=1",
                "HeapObjectAlloc dt=1 id=3072 type=4",
                "HeapObjectAlloc dt=20000 id=3074 type=0",
                "HeapObject dt=1 id=3074 type=77",
                "HeapObjectFree dt=1 id=3072",
                "GoroutineStackAlloc dt=1 id=12 order=12",
                "SpanFree dt=1 id=3",
            ]
        ),
    )
    base = 0xC000000000
    layout = experiment(26, b"\x01" + b"".join(varint(number) for number in (base, 8192, 8, 2048)))
    name = b"main.node"
    types = experiment(26, b"\0" + b"".join(varint(number) for number in (4, 99, 24, 8, len(name))) + name)
    (generation,) = generations(io.BytesIO(layout + types[16:] + encode(text)[16:]))
    found = generation.allocations
    assert [NAME[kind] for kind in found.kind.tolist()][:3] == ["SpanAlloc", "SpanAlloc", "HeapObjectAlloc"]
    offsets = [3 * 8192, 9 * 8192, 3072 * 8, 3074 * 8, 3074 * 8, 3072 * 8, 12 * 2048, 3 * 8192]
    assert found.address.tolist() == [base + offset for offset in offsets]
    assert found.type_row.tolist() == [-1, -1, 1, 0, -1, -1, -1, -1]
    assert found.span_class.tolist() == [10, -1, -1, -1, -1, -1, -1, -1]
    assert found.size_bytes.tolist() == [16384, 8192, 0, 0, 0, 0, 2048, 0]
    assert np.diff(found.time_ns).tolist() == [64 * ticks for ticks in (200, 1, 20000, 1, 1, 1, 1)]
    assert generation.types.name[1] == "main.node"
    assert generation.types.size_bytes[1] == 24
    assert generation.layout.known
    assert found.goroutine.tolist() == [5] * 8


def test_format_is_told_from_its_head() -> None:
    assert is_trace(b"go 1.22 trace\0\0\0") == 2
    assert is_trace(b"go 1.21 trace\0\0\0") == 1
    assert is_trace(b"go 1.5 trace\0\0\0\0") == 1
    assert is_trace(b"\x1f\x8b\x08 anything else") == 0


def test_unknown_versions_are_refused_in_one_line() -> None:
    with pytest.raises(BadInput, match=r"go 1\.99 is not known") as caught:
        list(generations(io.BytesIO(b"go 1.99 trace\0\0\0")))
    assert "\n" not in str(caught.value)
    with pytest.raises(BadInput, match="no Go execution trace"):
        list(generations(io.BytesIO(b"hello")))


@pytest.mark.parametrize("version", [22, 26])
def test_a_trace_cut_anywhere_yields_what_is_whole(version: int) -> None:
    """Each cut gives the whole generations before it; inside a generation it is said where the trace breaks off."""
    whole = encode(small_trace(2, version))
    first = encode(small_trace(1, version))
    for cut in range(17, len(whole), 3):
        numbers: list[int] = []
        damage = None
        try:
            for generation in generations(io.BytesIO(whole[:cut])):
                len(generation.events)
                if generation.complete or version == 22:
                    # Before Go 1.26 only the next generation's first batch tells that one is whole.
                    numbers.append(generation.number)
        except DamagedInput as error:
            damage = error
        assert damage is None or 16 <= damage.offset <= cut
        if cut > len(first):
            assert 1 in numbers
        if version == 26 and cut not in (len(first), len(whole)):
            assert damage is not None


def test_a_broken_batch_is_named_by_its_offset_and_what_came_before_is_given() -> None:
    data = encode(small_trace(2))
    at = data.rindex(bytes([CODE["GCBegin"], 20, 1, 7]))
    broken = data[:at] + bytes([CODE["Strings"]]) + data[at + 1 :]
    found = generations(io.BytesIO(broken))
    assert len(next(found).events) == 12
    second = next(found)
    seen = []
    with pytest.raises(DamagedInput, match="no event of kind 4") as caught:
        for events in second.blocks():
            seen += events.kind.tolist()
    assert len(seen) == 7
    assert data[caught.value.offset : caught.value.offset + 1] == bytes([CODE["ProcStart"]])


def test_random_damage_never_fails_otherwise() -> None:
    """Bytes changed at random give events or DamagedInput; nothing else escapes."""
    whole = bytearray(encode(small_trace(2)))
    generator = random.Random(1)
    outcomes = set()
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(generator.randint(1, 4)):
            data[generator.randrange(16, len(data))] = generator.choice((0, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        try:
            for generation in generations(io.BytesIO(bytes(data))):
                outcomes.add(len(generation.events) > 0)
                len(generation.allocations)
        except DamagedInput:
            outcomes.add("damaged")
    assert outcomes >= {True, "damaged"}


def test_input_that_cannot_seek_is_read_alike() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.inner = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            return self.inner.readinto(buffer)

    data = encode(small_trace(3))
    pipe = io.BufferedReader(Pipe(data))
    assert [len(generation.events) for generation in read_trace(pipe)] == [12, 12, 12]


@pytest.mark.parametrize("seed", range(6))
def test_chains_are_followed_as_a_plain_loop_would(seed: int) -> None:
    """Random record lengths, few or many, and one length only (where wrong chains never join the right one)."""
    random_ = np.random.default_rng(seed)
    length = 20_000 + seed
    steps = random_.choice([[2, 3], [2, 4, 5], [1, 6], [3], [7], [2, 2, 2, 9]][seed], length)
    following = np.append(np.minimum(np.arange(length) + steps, length), length).astype(np.int32)
    expected = []
    place = 0
    while place < length:
        expected.append(place)
        place = int(following[place])
    assert chain_starts(following, length).tolist() == expected
