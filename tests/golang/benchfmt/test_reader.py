"""What is read of a benchmark text, and what a malformed line costs: itself, and nothing else."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.golang.benchfmt import name_parts, parse, split_procs

GO_TEST = """\
goos: linux
goarch: amd64
pkg: example.org/codec
cpu: Some CPU @ 2.10GHz
BenchmarkDecode/format=json/tiny-8 \t  814543\t      1416.5 ns/op\t  70.59 MB/s\t     112 B/op\t       2 allocs/op
BenchmarkEncode \t 100\t 5 ns/op
PASS
ok  \texample.org/codec\t2.345s
"""


def test_a_line_of_go_test_gives_name_procs_iterations_and_every_value_in_its_written_unit():
    decode, encode = parse(GO_TEST).results
    assert (decode.name, decode.procs, decode.iterations) == ("Decode/format=json/tiny", 8, 814543)
    assert decode.values == ((1416.5, "ns/op"), (70.59, "MB/s"), (112.0, "B/op"), (2.0, "allocs/op"))
    assert decode.full_name == "Decode/format=json/tiny-8"
    assert (encode.name, encode.procs) == ("Encode", None)
    assert parse(GO_TEST).warnings == ()


def test_configuration_holds_from_its_line_on_until_it_is_changed_or_dropped():
    x = "BenchmarkX 1 1 u\n"
    text = f"a: 1\n{x}a: 2\nb:  two words \n{x}a:\n{x}b: \t\n{x}"
    assert [r.config for r in parse(text).results] == [
        {"a": "1"},
        {"a": "2", "b": "two words "},
        {"b": "two words "},
        {},
    ]


@pytest.mark.parametrize(
    "line", [": v", "ab:no blank", "a b: v", "Upper: v", "camelCase: v", "# comment: v", "PASS", "1key: v", "\tkey: v"]
)
def test_a_line_that_is_no_configuration_is_passed_over(line: str):
    file = parse(f"{line}\nBenchmarkX 1 1 u\n")
    assert file.results[0].config == {} and file.warnings == ()


def test_a_key_may_have_letters_of_any_alphabet_and_ends_at_its_first_colon():
    assert parse("größe:x: v:w\nBenchmarkX 1 1 u").results[0].config == {}
    assert parse("größe: v:w\nBenchmarkX 1 1 u").results[0].config == {"größe": "v:w"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("BenchmarkX ", "iteration count"),
        ("BenchmarkX abc", "iteration count"),
        ("BenchmarkX 1e3 1 ns/op", "iteration count"),
        ("BenchmarkX 1_000 1 ns/op", "iteration count"),
        ("BenchmarkX 9999999999999999999999 1 ns/op", "out of range"),
        ("BenchmarkX 100", "without a measurement"),
        ("BenchmarkX 100 abc ns/op", "not a number"),
        ("BenchmarkX 100 1__0 ns/op", "not a number"),
        ("BenchmarkX 100 ١ ns/op", "not a number"),
        ("BenchmarkX 100 1e999 ns/op", "out of range"),
        ("BenchmarkX 100 1", "no unit"),
        ("BenchmarkX 100 1 ns/op 2", "no unit"),
        ("Unit", "without a unit"),
        ("Unit ns/op blah", "not KEY=VALUE"),
        ("Unit ns/op =v", "not KEY=VALUE"),
    ],
)
def test_a_malformed_line_is_named_with_file_and_line_and_the_rest_is_read(line: str, problem: str):
    file = parse(f"BenchmarkA 1 1 ns/op\n{line}\nBenchmarkB 1 2 ns/op\n", source="old.txt")
    assert [r.name for r in file.results] == ["A", "B"]
    assert len(file.warnings) == 1
    assert file.warnings[0].startswith("old.txt:2: ") and problem in file.warnings[0]


def test_the_bare_name_that_go_test_v_prints_is_no_error():
    assert parse("BenchmarkOne\nBenchmarkOne\r\nBenchmarkOne 100 1 ns/op\n").warnings == ()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1.0), ("+1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0), ("-2E-3", -0.002), ("0x1p-2", 0.25),
        ("1_000.5", 1000.5), ("0x_1_0p0", 16.0),
        ("9999999999999999999999999999999", 1e31), ("inf", math.inf), ("+Inf", math.inf), ("-Infinity", -math.inf),
    ],
)  # fmt: skip
def test_every_number_that_go_reads_is_read(written: str, value: float):
    assert parse(f"BenchmarkX 1 {written} u").results[0].values == ((value, "u"),)


def test_nan_is_read_as_nan_but_not_with_a_sign():
    assert math.isnan(parse("BenchmarkX 1 NaN u").results[0].values[0][0])
    assert parse("BenchmarkX 1 +nan u").results == ()


def test_blanks_are_those_of_go():
    file = parse("BenchmarkWide\u2003\u20031\u00a02\tns/op\r\nBenchmarkControl\x1c 1 2 ns/op\x1f\n")
    assert [(r.name, r.values) for r in file.results] == [
        ("Wide", ((2.0, "ns/op"),)),
        ("Control\x1c", ((2.0, "ns/op\x1f"),)),
    ]


def test_unit_lines_gather_and_a_contradiction_is_a_warning():
    text = "Unit ns/op better=lower note\nUnit ns/op assume=exact\n"
    text += "Unit sec/op better=higher\nUnit sec/op better=lower\nUnitx\n"
    file = parse(text, source="f")
    assert file.units == {"ns/op": {"better": "lower", "assume": "exact"}, "sec/op": {"better": "lower"}}
    assert [w.split(":")[1] for w in file.warnings] == ["1", "3"]
    assert file.declared("sec/op") == {"better": "lower", "assume": "exact"}
    assert file.declared("B/op") == {}


@pytest.mark.parametrize(
    ("full_name", "split"),
    [
        ("A-8", ("A", 8)), ("A", ("A", None)), ("A-", ("A-", None)), ("A-0", ("A-0", None)), ("A-08", ("A-08", None)),
        ("A/size=10-2", ("A/size=10", 2)), ("A-8x", ("A-8x", None)), ("-8", ("", 8)),
        ("A-10000000", ("A-10000000", None)),
    ],
)  # fmt: skip
def test_gomaxprocs_is_a_dash_and_a_whole_number_at_the_end(full_name: str, split: tuple[str, int | None]):
    assert split_procs(full_name) == split


def test_a_name_comes_apart_into_base_parts_and_keys():
    parts = name_parts("Decode/format=json/tiny/format=x")
    assert (parts.base, parts.parts) == ("Decode", ("/format=json", "/tiny", "/format=x"))
    assert parts.keys == {"format": "json"}


@settings(deadline=None)
@given(st.text())
def test_no_text_at_all_stops_the_reader(text: str):
    parse(text)


@settings(deadline=None)
@given(st.text(alphabet="Benchmark Unit:=1.5e-+_x\t\n\r/\u2003\x1c", max_size=80))
def test_no_text_that_resembles_the_format_stops_the_reader(text: str):
    file = parse("Benchmark" + text)
    assert all(result.values for result in file.results)
