"""The numbers of one process among whatever else it printed."""

from whence.evidence.run import Sample
from whence.golang.benchfmt import samples


def test_several_lines_of_one_name_count_as_their_median():
    text = "starting\n" + "".join(f"BenchmarkA-2 1 {ns} ns/op 3 allocs/op\n" for ns in (10, 30, 11))
    assert samples(text)[0] == (Sample("ns/op", 11.0, "ns/op", "A"), Sample("allocs/op", 3.0, "allocs/op", "A"))


def test_units_stay_as_written():
    assert samples("BenchmarkLoad 1 1500 p99-ns 2.5 MB/s")[0] == (
        Sample("p99-ns", 1500.0, "p99-ns", "Load"),
        Sample("MB/s", 2.5, "MB/s", "Load"),
    )


def test_names_that_differ_only_in_gomaxprocs_stay_apart():
    text = "BenchmarkA 1 1 ns/op\nBenchmarkA-2 1 2 ns/op\nBenchmarkA-4 1 3 ns/op\nBenchmarkB-4 1 4 ns/op\n"
    assert [(s.benchmark, s.value) for s in samples(text)[0]] == [("A", 1), ("A-2", 2), ("A-4", 3), ("B", 4)]


def test_nan_and_infinite_values_are_missing_and_not_numbers():
    text = "BenchmarkA 1 NaN ns/op 1 x\nBenchmarkA 1 7 ns/op 1 x\nBenchmarkB 1 inf y\n"
    assert samples(text)[0] == (Sample("ns/op", 7.0, "ns/op", "A"), Sample("x", 1.0, "x", "A"))


def test_declarations_come_back_also_under_the_unit_that_was_printed():
    text = "Unit sec/op better=higher\nUnit my-unit assume=exact\nBenchmarkA 1 5 ns/op 3 my-unit\n"
    assert samples(text)[1] == {
        "sec/op": {"better": "higher"},
        "my-unit": {"assume": "exact"},
        "ns/op": {"better": "higher"},
    }


def test_output_without_benchmark_lines_has_no_samples():
    assert samples("Benchmarking now\nhello: world\n") == ((), {})
