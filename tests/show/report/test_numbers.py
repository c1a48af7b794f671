"""Numbers: three significant digits, more only where the interval is narrower; units once a column."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.show.report import numbers

ANY = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("ratio", "low", "high", "expected"),
    [
        (3.467, 3.463, 3.471, "3.467 [3.463, 3.471]"),
        (3.467, 3.46, 3.473, "3.47 [3.46, 3.47]"),
        (3.47249, 3.47221, 3.47288, "3.472 [3.472, 3.473]"),
        (1.0, 0.999, 1.001, "1.000 [0.999, 1.001]"),
        (1.173, 1.1726, 1.1734, "1.1730 [1.1726, 1.1734]"),
        (0.99, 0.95, 1.03, "0.99 [0.95, 1.03]"),
        (0.2884, 0.2871, 0.2899, "0.288 [0.287, 0.290]"),
        (12.34, 12.0, 12.7, "12.3 [12.0, 12.7]"),
        (347.0, 300.0, 390.0, "347 [300, 390]"),
    ],
)
def test_a_ratio_has_the_digits_that_its_interval_supports(
    ratio: float, low: float, high: float, expected: str
) -> None:
    decimals = numbers.ratio_decimals(ratio, low, high)
    assert f"{numbers.ratio_text(ratio, decimals)} {numbers.interval_text(low, high, decimals)}" == expected


def test_an_exact_ratio_that_differs_from_one_never_reads_as_one() -> None:
    for distance in (1e-2, 1e-3, 1e-4, 1e-5, -1e-4):
        ratio = 1.0 + distance
        text = numbers.ratio_text(ratio, numbers.ratio_decimals(ratio, ratio, ratio, exact=True))
        assert float(text) != 1.0


@pytest.mark.parametrize(
    ("values", "unit", "texts", "shown"),
    [
        ((84.1e6, 291.6e6), "B", ("84.1", "291.6"), "MB"),
        ((999.0, 12.0), "B", ("999", "12"), "B"),
        ((1_500_000_000.0,), "B", ("1.50",), "GB"),
        ((0.212, 0.273), "s", ("212", "273"), "ms"),
        ((0.0,), "s", ("0",), "ns"),
        ((120.0,), "ns/op", ("120",), "ns/op"),
        ((1_250_000.0,), "ns/op", ("1.25",), "ms/op"),
        ((2048.0,), "B/op", ("2.05",), "kB/op"),
        ((1_234_567.0,), "p99-ns", ("1.23",), "ms"),
        ((3.0, 4.0), "allocs/op", ("3", "4"), "allocs/op"),
        ((120.5e6,), "B/s", ("120,500,000",), "B/s"),
        ((12.0,), "count", ("12",), ""),
        ((17.53,), "my-unit", ("17.5",), "my-unit"),
    ],
)
def test_a_column_has_one_unit_chosen_by_its_largest_value(
    values: tuple[float, ...], unit: str, texts: tuple[str, ...], shown: str
) -> None:
    scale = numbers.scale_for(values, unit)
    assert (tuple(numbers.value_text(value, scale) for value in values), scale.unit) == (texts, shown)


def test_exact_values_keep_the_digits_in_which_they_differ() -> None:
    scale = numbers.scale_for((2_143_644.0, 2_143_940.0), "B", relative_width=0.0)
    assert numbers.value_text(2_143_644.0, scale) != numbers.value_text(2_143_940.0, scale)


def test_what_is_missing_is_a_dash() -> None:
    scale = numbers.scale_for((None, math.nan), "B")
    assert numbers.value_text(None, scale) == numbers.value_text(math.nan, scale) == numbers.MISSING


@given(ANY, ANY, ANY, st.booleans())
def test_no_number_breaks_the_writing_of_ratios(ratio: float, low: float, high: float, exact: bool) -> None:
    decimals = numbers.ratio_decimals(ratio, low, high, exact=exact)
    assert 0 <= decimals <= 6
    text = numbers.ratio_text(ratio, decimals) + numbers.interval_text(low, high, decimals)
    assert "nan" not in text and "inf" not in text


@given(st.lists(st.none() | ANY, max_size=4), st.sampled_from(["B", "s", "ns/op", "count", "x", "", "/", "-ns"]))
def test_no_number_breaks_the_writing_of_values(values: list[float | None], unit: str) -> None:
    scale = numbers.scale_for(values, unit)
    for value in values:
        text = numbers.value_text(value, scale)
        assert text and "nan" not in text and "inf" not in text


def test_changes_in_percent_carry_a_sign_only_where_asked() -> None:
    assert numbers.percent_text(0.173, 1) == "17.3"
    assert numbers.percent_text(0.173, 1, sign=True) == "+17.3"
    assert numbers.percent_text(-0.0001, 1, sign=True) == "0.0"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.412, "0.412 s"), (52.3, "52 s"), (370, "6 min 10 s"), (7500, "2 h 5 min"), (None, "–")]
)
def test_durations_read_like_speech(seconds: float | None, text: str) -> None:
    assert numbers.seconds_text(seconds) == text
