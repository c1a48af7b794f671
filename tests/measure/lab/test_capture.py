"""Captured output: bounded, and never with half a line in it."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from whence.measure.lab.capture import Capture


def captured(data: bytes, *, head: int, tail: int) -> Capture:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    capture = Capture(reading, head=head, tail=tail)
    for start in range(0, len(data), 30_000):
        os.write(writing, data[start : start + 30_000])
        capture.read()
    os.close(writing)
    capture.read()
    os.close(reading)
    return capture


@given(st.lists(st.text("abc ", max_size=30), max_size=60), st.integers(1, 200), st.integers(0, 200))
def test_what_is_kept_is_whole_lines_from_both_ends(lines: list[str], head: int, tail: int) -> None:
    text = "".join(line + "\n" for line in lines)
    capture = captured(text.encode(), head=head, tail=tail)
    assert capture.total == len(text) and not capture.open
    kept = capture.text()
    if capture.lost == 0:
        assert kept == text
    else:
        assert len(kept) <= head + tail + 40
        before, after = kept.split(f"… {capture.lost} bytes not kept …\n")
        assert text.startswith(before) and text.endswith(after)
        assert before == "" or before.endswith("\n")
        assert after == "" or text[-len(after) - 1] == "\n"


def test_bytes_that_are_no_text_are_no_error() -> None:
    assert captured(b"\xff\xfe ok\n", head=100, tail=0).text().endswith("ok\n")
