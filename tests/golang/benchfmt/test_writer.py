"""Reading and writing are inverse, and what the format cannot hold is refused."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.evidence.errors import BadInput
from whence.golang.benchfmt import Result, parse, split_procs, tidy, write

WORDS = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), min_size=1, max_size=12)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"]), max_size=12).filter(
    lambda name: split_procs(name)[1] is None
)
KEYS = st.from_regex(r"[a-zäß][a-z0-9äß._-]{0,6}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=12).filter(
    lambda text: text[0] not in " \t" and not text.endswith("\r")
)
RESULTS = st.builds(
    Result,
    NAMES,
    st.none() | st.integers(1, 999_999),
    st.integers(-(2**63), 2**63 - 1),
    st.lists(st.tuples(st.floats(allow_nan=False), WORDS), min_size=1, max_size=4).map(tuple),
    st.dictionaries(KEYS, TEXTS, max_size=3),
)
UNITS = st.dictionaries(
    WORDS, st.dictionaries(WORDS.filter(lambda w: "=" not in w), WORDS, min_size=1, max_size=3), max_size=3
).filter(lambda units: len({tidy(1, unit)[1] for unit in units}) == len(units))


@settings(deadline=None)
@given(st.lists(RESULTS, max_size=6), UNITS)
def test_what_is_written_reads_back_as_it_was(results: list[Result], units: dict[str, dict[str, str]]):
    file = parse(write(results, units=units))
    assert list(file.results) == results
    assert file.units == units
    assert file.warnings == ()


def test_writing_what_was_read_loses_nothing_and_is_stable():
    text = "Unit ns/op better=lower\n\nkey: val\n\nBenchmarkOne-4 1 1 ns/op 0.1 x\n"
    text += "\nkey:\nother: a b\n\nBenchmarkTwo 5 1e+30 MB/s\n"
    file = parse(text)
    assert write(file.results, units=file.units) == text


def test_numbers_are_the_shortest_that_read_back_exactly():
    values = (0.1, 100.0, 1 / 3, 5e-324, 1e22, -0.0)
    written = write([Result("X", None, 1, tuple((v, "u") for v in values))])
    assert written == "BenchmarkX 1 0.1 u 100 u 0.3333333333333333 u 5e-324 u 1e+22 u -0 u\n"
    assert math.copysign(1, parse(written).results[0].values[-1][0]) == -1


def test_nan_and_infinities_survive():
    result = Result("X", None, 1, ((math.nan, "u"), (math.inf, "u"), (-math.inf, "u")))
    (read,) = parse(write([result])).results
    assert math.isnan(read.values[0][0]) and read.values[1:] == result.values[1:]


@pytest.mark.parametrize(
    "result",
    [
        Result("X", None, 1, ()),
        Result("two words", None, 1, ((1.0, "u"),)),
        Result("X", None, 2**63, ((1.0, "u"),)),
        Result("X", None, 1, ((1.0, ""),)),
        Result("X", None, 1, ((1.0, "a unit"),)),
        Result("X", None, 1, ((1.0, "u"),), {"Key": "v"}),
        Result("X", None, 1, ((1.0, "u"),), {"key": "two\nlines"}),
        Result("X", None, 1, ((1.0, "u"),), {"key": " v"}),
        Result("X", None, 1, ((1.0, "u"),), {"key": ""}),
    ],
)
def test_what_would_not_read_back_is_refused(result: Result):
    with pytest.raises(BadInput):
        write([result])


def test_contradicting_declarations_are_refused():
    with pytest.raises(BadInput, match="Keep one"):
        write([], units={"ns/op": {"better": "lower"}, "sec/op": {"better": "higher"}})
