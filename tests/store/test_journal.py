"""The journal keeps every line that was acknowledged, whatever happens to its end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.evidence.run import BlockEnd, JournalLine, Run, Sample, Session
from whence.store.journal import Journal, JournalNotWritable, Reading, parse

finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=20)
samples = st.builds(Sample, metric=text, value=finite, unit=text, benchmark=st.none() | text)
runs = st.builds(
    Run,
    id=text,
    kind=st.sampled_from(["pilot", "warmup", "counted"]),
    variant=text,
    block=st.integers(0, 10**6),
    attempt=st.integers(0, 9),
    started_at=finite,
    seconds=finite,
    outcome=st.sampled_from(["ok", "exit", "signal", "oom", "timeout"]),
    exit_code=st.none() | st.integers(0, 255),
    message=text,
    calibration_before_s=st.none() | finite,
    host=st.dictionaries(text, finite, max_size=3),
    samples=st.lists(samples, max_size=4).map(tuple),
    timeline=st.lists(st.tuples(finite, finite), max_size=3).map(tuple),
    command=st.lists(text, max_size=3).map(tuple),
    environment=st.dictionaries(text, text, max_size=3),
)
ends = st.builds(
    BlockEnd,
    block=st.integers(0, 10**6),
    attempt=st.integers(0, 9),
    status=st.sampled_from(["complete", "repeat", "interrupted"]),
    reason=text,
)
sessions = st.builds(Session, started_at=finite, host_name=text, calibration=st.dictionaries(text, finite, max_size=3))
journals = st.lists(runs | ends | sessions, max_size=8)


def run(number: int) -> Run:
    return Run(
        id=f"r{number}",
        kind="counted",
        variant="ä\n",
        block=number,
        started_at=1.5,
        seconds=0.25,
        outcome="ok",
        samples=(Sample("rss", 4096.0, "B"),),
    )


def encoded(lines: list[JournalLine]) -> bytes:
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


@settings(max_examples=60, deadline=None)
@given(journals)
def test_what_is_written_is_read_back(lines: list[JournalLine]) -> None:
    reading = parse(encoded(lines))
    assert list(reading.lines) == lines
    assert not reading.damaged
    assert not reading.torn


def test_appended_lines_are_read_in_order_and_survive_reopening(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(run(0))
    journal.append(BlockEnd(block=0, attempt=0, status="complete"))
    journal.close()
    again = Journal(tmp_path / "journal.jsonl")
    again.append(run(1))
    assert again.read() == [run(0), BlockEnd(block=0, attempt=0, status="complete"), run(1)]


def test_a_missing_journal_is_empty_and_reading_creates_nothing(tmp_path: Path) -> None:
    assert Journal(tmp_path / "journal.jsonl").read() == []
    assert list(tmp_path.iterdir()) == []


def test_cut_at_every_byte_it_loses_only_the_line_that_was_cut(tmp_path: Path) -> None:
    lines: list[JournalLine] = [run(0), Session(started_at=1.0, host_name="h"), run(1)]
    content = encoded(lines)
    whole_at = [len(encoded(lines[:n])) for n in range(len(lines) + 1)]
    for cut in range(len(content) + 1):
        # A line that lacks nothing but its newline is whole.
        kept = sum(end - 1 <= cut for end in whole_at[1:])
        reading = parse(content[:cut])
        assert list(reading.lines) == lines[:kept], cut
        assert not reading.damaged, cut
        if cut % 11 == 0 or any(abs(cut - end) < 3 for end in whole_at):
            path = tmp_path / "journal.jsonl"
            path.write_bytes(content[:cut])
            journal = Journal(path)
            journal.append(run(7))
            journal.close()
            assert parse(path.read_bytes()) == Reading(lines=(*lines[:kept], run(7))), cut


def test_a_disk_that_fills_up_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(run(0))
    real_write = os.write

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr("whence.store.line_file.os.write", half)
    with pytest.raises(JournalNotWritable, match=r"No space left .*same --out"):
        journal.append(run(1))
    monkeypatch.undo()
    assert journal.read() == [run(0)]
    journal.append(run(2))
    assert journal.read() == [run(0), run(2)]


def test_a_torn_end_is_reported_as_torn_and_not_as_damage() -> None:
    reading = parse(encoded([run(0)]) + b'{"type":"run","id":"r1"')
    assert reading.lines == (run(0),)
    assert reading.torn
    assert not reading.damaged


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=40).filter(lambda b: b"\n" not in b and b.strip()))
def test_a_damaged_line_is_named_and_the_others_stay_readable(garbage: bytes) -> None:
    reading = parse(encoded([run(0)]) + garbage + b"\n" + encoded([run(1)]))
    assert reading.lines == (run(0), run(1))
    assert [line.number for line in reading.damaged] == [2]


def test_reading_a_damaged_journal_says_which_line_and_how_much_is_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(encoded([run(0)]) + b"\xff\xfe\n" + encoded([run(1), run(2)]))
    with pytest.raises(BadInput, match=r"line 2 of 4 cannot be read .*; the other 3 can") as caught:
        Journal(path).read()
    assert "\n" not in str(caught.value)


def test_a_line_of_a_later_version_with_more_fields_is_read() -> None:
    later = msgspec.json.decode(msgspec.json.encode(run(0))) | {"new_field": [1, 2]}
    assert parse(msgspec.json.encode(later) + b"\n").lines == (run(0),)
