"""Results measured elsewhere: what is compared with what, what is said beside it, and what is refused."""

import random
from pathlib import Path

import pytest

from whence.evidence.comparison import Comparison, Effect
from whence.evidence.errors import BadInput
from whence.evidence.gate import parse_gate
from whence.measure.benchfiles import compare_files


def lines(name: str, mean: float, count: int = 20, *, sd: float = 2.0, seed: int = 3, tail: str = "") -> str:
    draw = random.Random(f"{name} {mean} {seed}")
    return "".join(f"Benchmark{name} \t 100 \t {draw.gauss(mean, sd):.2f} ns/op{tail}\n" for _ in range(count))


@pytest.fixture
def compare(tmp_path: Path):
    """Writes `old.txt`, `new.txt`, … with the given texts and compares them."""

    def run(*texts: str, **options: object) -> Comparison:
        names = ["old.txt", "new.txt", *(f"new{i}.txt" for i in range(2, len(texts)))]
        for name, text in zip(names, texts, strict=False):
            (tmp_path / name).write_text(text)
        return compare_files([tmp_path / name for name in names[: len(texts)]], **options)  # type: ignore[arg-type]

    return run


def by_metric(comparison: Comparison) -> dict[str, Effect]:
    return {effect.metric: effect for effect in comparison.effects}


def test_a_difference_between_twenty_results_a_side_is_found_with_its_size(compare):
    head = "goos: linux\ngoarch: amd64\npkg: x\ncpu: Chip 9\n"
    tail = " \t 48 B/op \t 2 allocs/op"
    result = compare(head + lines("A-2", 100, tail=tail), head + lines("A-2", 110, tail=tail), seed=7)
    time, size, allocations = result.effects
    assert (time.metric, time.unit, time.benchmark, time.verdict) == ("ns/op", "ns/op", "A", "worse")
    assert time.ratio is not None and 1.08 < time.low < time.ratio < time.high < 1.12 and time.pairs == 20
    assert (size.metric, size.exact, size.ratio, size.verdict) == ("B/op", True, 1.0, "equivalent")
    assert allocations.exact and not allocations.differs
    assert (result.seed, result.runs, result.counted_runs) == (7, None, 40)
    assert (result.host.cpus, result.host.cpu_model) == (2, "Chip 9")
    assert [v.name for v in result.variants] == ["old.txt", "new.txt"]


def test_that_order_and_blocks_are_unknown_is_said_in_notes_and_warnings(compare):
    result = compare(lines("A", 100), lines("A", 100, seed=4))
    assert any("order of the runs is unknown" in note for note in result.notes)
    assert set(result.host.warnings) <= set(result.notes) and result.host.warnings


def test_the_judgement_does_not_depend_on_the_order_of_lines(compare):
    old, new = lines("A", 100), lines("A", 101)
    turned = "".join(reversed(new.splitlines(keepends=True)))
    assert compare(old, new).effects == compare(old, turned).effects


def test_fewer_than_six_results_give_no_interval_and_say_how_many_would_do(compare):
    (effect,) = compare(lines("A", 100, 5), lines("A", 200, 20)).effects
    assert (effect.verdict, effect.low, effect.high, effect.p) == ("undetermined", None, None, None)
    assert effect.pairs == 5 and effect.pairs_needed is not None and effect.pairs_needed >= 6
    assert effect.ratio is not None and effect.ratio > 1.9


def test_several_benchmarks_are_named_by_benchmark_and_unit_and_have_a_geometric_mean(compare):
    old = lines("A/x=1-4", 100) + lines("B-4", 50)
    new = lines("A/x=1-4", 200) + lines("B-4", 25, sd=0.5)
    result = compare(old, new)
    assert [(e.metric, e.benchmark, e.verdict) for e in result.effects] == [
        ("A/x=1:ns/op", "A/x=1", "worse"),
        ("B:ns/op", "B", "better"),
    ]
    (mean,) = result.geometric_means
    assert (mean.unit, mean.candidate, mean.benchmarks) == ("ns/op", "new.txt", 2)
    assert mean.ratio == pytest.approx(1.0, abs=0.02)


def test_every_further_file_is_a_candidate_against_the_first(compare):
    result = compare(lines("A", 100), lines("A", 110), lines("A", 90))
    assert [(e.base, e.candidate, e.verdict) for e in result.effects] == [
        ("old.txt", "new.txt", "worse"),
        ("old.txt", "new2.txt", "better"),
    ]


def test_better_and_assume_of_unit_lines_are_honoured_also_when_written_in_base_units(compare):
    declared = "Unit sec/op better=higher\nUnit hits assume=exact better=higher\nUnit B/op assume=nothing\n"
    old = declared + lines("A", 100, tail=" 7 hits 5 B/op")
    result = compare(old, lines("A", 110, tail=" 6 hits 5 B/op"))
    effects = by_metric(result)
    assert (effects["ns/op"].better, effects["ns/op"].verdict) == ("higher", "better")
    assert (effects["hits"].exact, effects["hits"].verdict) == (True, "worse")
    assert not effects["B/op"].exact


def test_throughput_is_better_when_higher(compare):
    (effect,) = compare("BenchmarkA 1 100 MB/s\n" * 7, "BenchmarkA 1 90 MB/s\n" * 7).effects
    assert effect.better == "higher" and effect.ratio == pytest.approx(0.9)


def test_exact_units_need_one_result_a_side_and_lose_exactness_by_spreading(compare):
    (effect,) = compare("BenchmarkA 1 48 B/op\n", "BenchmarkA 1 64 B/op\n").effects
    assert (effect.exact, effect.verdict, effect.p, effect.low) == (True, "worse", None, pytest.approx(4 / 3))
    (effect,) = compare("BenchmarkA 1 48 B/op\n", "BenchmarkA 1 48 B/op\nBenchmarkA 1 64 B/op\n").effects
    assert (effect.exact, effect.verdict) == (False, "undetermined")


def test_equal_names_of_different_packages_stay_apart(compare):
    old = "pkg: m/a\n" + lines("X", 100) + lines("Only", 5, sd=0.1) + "pkg: m/b\n" + lines("X", 50)
    new = "pkg: m/b\n" + lines("X", 100) + "pkg: m/a\n" + lines("X", 100, seed=5) + lines("Only", 5, sd=0.1)
    effects = by_metric(compare(old, new))
    assert list(effects) == ["m/a.X:ns/op", "Only:ns/op", "m/b.X:ns/op"]
    assert effects["m/b.X:ns/op"].verdict == "worse" and effects["m/a.X:ns/op"].verdict != "worse"


def test_one_package_a_file_is_compared_although_its_name_differs(compare):
    result = compare("pkg: m/old\n" + lines("X", 100), "pkg: m/new\n" + lines("X", 100))
    assert len(result.effects) == 1
    assert any(note == "pkg differs: m/old in old.txt, m/new in new.txt." for note in result.notes)


def test_gomaxprocs_is_stripped_unless_one_file_has_several(compare):
    result = compare(lines("A-2", 100), lines("A-4", 100))
    assert [e.benchmark for e in result.effects] == ["A"]
    assert any("GOMAXPROCS differs: 2 in old.txt, 4 in new.txt" in note for note in result.notes)
    both = lines("A", 100) + lines("A-2", 60) + lines("B-2", 10, sd=0.1)
    assert [e.benchmark for e in compare(both, both + "\n").effects] == ["A", "A-2", "B"]


def test_units_written_differently_meet_in_the_base_unit(compare):
    old, new = "BenchmarkA 1 1500 ns/op\n" * 7, "BenchmarkA 1 0.0000015 sec/op\n" * 7
    (effect,) = compare(old, new).effects
    assert effect.unit == "sec/op" and effect.ratio == pytest.approx(1.0)


def test_what_one_side_lacks_is_said_and_not_judged(compare):
    old = lines("A", 100, tail=" 3 x") + lines("Gone", 10)
    result = compare(old, lines("A", 100) + lines("Fresh", 10), lines("Gone", 10))
    assert [(e.metric, e.candidate) for e in result.effects] == [
        ("A:ns/op", "new.txt"),
        ("Gone:ns/op", "new2.txt"),
    ]
    assert "new.txt lacks Gone, A:x, so that is not compared." in result.notes
    assert "old.txt lacks Fresh, so that is not compared." in result.notes
    assert "new2.txt lacks A, Fresh, so that is not compared." in result.notes


def test_malformed_lines_and_other_conditions_are_told(compare):
    old = "cpu: Chip 9\n" + lines("A", 100) + "BenchmarkB 10 fast ns/op\n" + "note: 1\n" + lines("A", 100)
    result = compare("note: 0\n" + old, "cpu: Chip 10\n" + lines("A", 100))
    text = "\n".join(result.notes)
    assert "cpu differs: Chip 9 in old.txt, Chip 10 in new.txt." in text
    assert "note changes inside old.txt" in text
    assert "old.txt:23: the measurement 'fast' is not a number" in text


def test_a_unit_chooses_every_benchmark_and_a_full_name_one_and_the_rest_is_listed(compare):
    old = lines("A", 100, tail=" 3 x") + lines("B", 100, tail=" 3 x")
    assert [e.metric for e in compare(old, old + "\n", metrics=["ns/op"]).effects] == ["A:ns/op", "B:ns/op"]
    result = compare(old, old + "\n", metrics=["B:x", "ns/op"])
    assert [e.metric for e in result.effects] == ["B:x", "A:ns/op", "B:ns/op"]
    assert [(e.metric, e.family) for e in result.listed] == [("A:x", "listed")]
    assert [e.metric for e in compare(old, old + "\n", metrics=["sec/op"]).effects] == ["A:ns/op", "B:ns/op"]


def test_all_that_is_chosen_shares_one_error_rate(compare):
    old = "".join(lines(f"B{i}", 100, 8) for i in range(40))
    new = lines("B0", 200, 8) + "".join(lines(f"B{i}", 100, 8, seed=5) for i in range(1, 40))
    (alone,) = compare(old, new, metrics=["B0:ns/op"]).effects
    together = compare(old, new).effects[0]
    assert together.p == alone.p == alone.p_adjusted
    assert together.p_adjusted == pytest.approx(40 * together.p)


def test_gates_and_margins_are_applied_to_every_benchmark_of_a_unit(compare):
    old = lines("A", 100) + lines("B", 100)
    new = lines("A", 100, seed=9) + lines("B", 130)
    result = compare(old, new, gates=[parse_gate("ns/op<=+10%")], margins={"ns/op": 0.5})
    assert [(g.metric, g.outcome) for g in result.gates] == [("A:ns/op", "held"), ("B:ns/op", "broken")]
    assert [e.verdict for e in result.effects] == ["equivalent", "equivalent"]


def test_utf_16_with_a_byte_order_mark_is_read(tmp_path: Path):
    for name, mean in (("old.txt", 100), ("new.txt", 110)):
        (tmp_path / name).write_text(lines("A", mean).replace("\n", "\r\n"), encoding="utf-16")
    (effect,) = compare_files([tmp_path / "old.txt", tmp_path / "new.txt"]).effects
    assert effect.verdict == "worse"


@pytest.mark.parametrize(
    ("old", "new", "options", "says"),
    [
        ("", "BenchmarkA 1 1 x\n", {}, "is empty"),
        ("hello\n", "BenchmarkA 1 1 x\n", {}, "holds no benchmark results"),
        ("BenchmarkA 1 y x\n", "BenchmarkA 1 1 x\n", {}, "old.txt:1: the measurement 'y'"),
        ('{"Action":"output"}\n', "BenchmarkA 1 1 x\n", {}, "go test -json"),
        ("\0\1\2", "BenchmarkA 1 1 x\n", {}, "no text"),
        ("BenchmarkA 1 1 x\n", "BenchmarkB 1 1 x\n", {}, "no benchmark in common"),
        ("BenchmarkA 1 1 x\n", "BenchmarkA 1 1 y\n", {}, "no unit in common (x; y)"),
        ("BenchmarkA 1 1 x\n", "BenchmarkA 1 2 x\n", {"metrics": ["rss"]}, "no rss; both have x. Use --metric x"),
        ("BenchmarkA 1 1 x 2 y\n", "BenchmarkA 1 2 x\n", {"metrics": ["y"]}, "y is in old.txt and not in new.txt"),
        ("BenchmarkA 1 1 x\n", "BenchmarkA 1 2 x\n", {"metrics": ["C:x"]}, "no benchmark is called 'C' (there are A)"),
        ("BenchmarkA 1 1 x\n", "BenchmarkA 1 2 x\n", {"margins": {"rss": 0.1}}, "margin rss"),
        ("BenchmarkA 1 1 x\n", "BenchmarkA 1 2 x\n", {"gates": [parse_gate("rss<=+5%")]}, "rss was not measured"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_line(compare, old: str, new: str, options: dict, says: str):
    with pytest.raises(BadInput) as refusal:
        compare(old, new, **options)
    assert says in str(refusal.value) and "\n" not in str(refusal.value)


def test_files_that_are_missing_directories_or_given_twice_are_refused(tmp_path: Path):
    file = tmp_path / "old.txt"
    file.write_text("BenchmarkA 1 1 x\n")
    for paths, says in (
        ([file], "one file"),
        ([file, tmp_path / "new.txt"], "there is no file"),
        ([file, Path("go=1.24.3")], "--subject"),
        ([file, tmp_path], "directory"),
        ([file, tmp_path / "." / "old.txt"], "twice"),
    ):
        with pytest.raises(BadInput, match=says):
            compare_files(paths)


def test_files_of_one_name_in_two_directories_go_by_their_paths(tmp_path: Path):
    for folder, mean in (("a", 100), ("b", 110)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bench.txt").write_text(lines("A", mean))
    result = compare_files([tmp_path / "a" / "bench.txt", tmp_path / "b" / "bench.txt"])
    assert result.effects[0].candidate == str(tmp_path / "b" / "bench.txt")
