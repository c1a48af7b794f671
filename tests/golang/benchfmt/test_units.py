"""Units as benchstat shows them."""

import pytest

from whence.golang.benchfmt import parse, tidy


@pytest.mark.parametrize(
    ("unit", "base", "factor"),
    [
        ("ns/op", "sec/op", 1e-9),
        ("p99-ns", "p99-sec", 1e-9),
        ("x-ns/op", "x-sec/op", 1e-9),
        ("MB/s", "B/s", 1e6),
        ("MB*MB/s", "B*B/s", 1e12),
        ("MB/MB", "B/MB", 1e6),
        ("op/ns", "op/ns", 1.0),
        ("op/ns*ns", "op/ns*sec", 1e-9),
        ("B/op", "B/op", 1.0),
        ("allocs/op", "allocs/op", 1.0),
        ("tokens", "tokens", 1.0),
    ],
)
def test_ns_and_mb_above_the_line_become_sec_and_b(unit: str, base: str, factor: float):
    assert tidy(1.0, unit) == (factor, base)


def test_a_result_keeps_its_written_units_and_offers_tidied_ones():
    result = parse("BenchmarkX 1 1500 ns/op 3 MB/s 7 B/op").results[0]
    assert result.values[0] == (1500.0, "ns/op")
    assert result.tidied() == ((1500.0 * 1e-9, "sec/op"), (3e6, "B/s"), (7.0, "B/op"))
