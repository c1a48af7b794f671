"""What each probe makes of what the kernel, the Go runtime and the program say."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import pytest

from whence.measure.lab.launch import RunOptions
from whence.measure.lab.probes import PROBES, Ending, start_probes
from whence.measure.lab.probes import memory as memory_module
from whence.measure.lab.probes.gctrace import GctraceProbe, read_gctrace, with_gctrace, without_gctrace
from whence.measure.lab.probes.memory import MemoryProbe, Resident, descendants, read_process, read_status
from whence.measure.lab.probes.output import OutputProbe
from whence.measure.lab.probes.pressure import read_pressure
from whence.measure.lab.probes.runtime_metrics import VARIABLE, RuntimeMetricsProbe, has_exit_hook

MIB = 1 << 20


def ending(**changes: object) -> Ending:
    return Ending(
        **{  # type: ignore[arg-type]
            "outcome": "ok",
            "seconds": 1.0,
            "usage": resource.getrusage(resource.RUSAGE_SELF),
            "first_output_s": None,
            "stdout": "",
            "stderr": "",
            "traced": True,
            "ended_at": time.perf_counter(),
            **changes,
        }
    )


def test_every_probe_module_is_listed() -> None:
    modules = {path.stem for path in Path(memory_module.__file__).parent.glob("*.py")} - {"__init__", "probe"}
    assert {kind.__module__.rpartition(".")[2] for kind in PROBES} == modules


def test_every_probe_is_described_in_the_documentation() -> None:
    page = Path(__file__).parents[3] / "docs" / "probes.md"
    text = page.read_text()
    assert [kind.__module__ for kind in PROBES if f"`{kind.__module__.rpartition('.')[2]}`" not in text] == []


STATUS = (
    b"Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"
    b"RssAnon:\t 512 kB\nRssFile:\t 500 kB\nRssShmem:\t 12 kB\n"
)


def test_status_is_read_in_bytes_and_a_zombie_has_none() -> None:
    resident = read_status(STATUS)
    assert resident == Resident(rss=1 * MIB, peak=2 * MIB, anon=512 << 10, file=500 << 10, shared_memory=12 << 10)
    assert read_status(b"Name:\tx\nState:\tZ (zombie)\n") is None


def test_page_tables_overrule_counters_that_were_not_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    rollup = (
        b"0-1 ---p 0 0 0 [rollup]\nRss: 2200 kB\nPss: 2000 kB\n"
        b"Anonymous: 1700 kB\nLazyFree: 4 kB\nAnonHugePages: 0 kB\n"
    )
    files = {"status": STATUS, "smaps_rollup": rollup}
    monkeypatch.setattr(Path, "read_bytes", lambda path: files[path.name])
    resident = read_process(1)
    assert resident is not None and resident.rss == 2200 << 10 and resident.anon == 1700 << 10
    assert resident.file == (2200 - 1700 - 12) << 10 and resident.peak == 2200 << 10
    assert (resident.pss, resident.lazy_free, resident.huge_pages) == (2000 << 10, 4 << 10, 0)


def test_this_process_can_be_read_and_has_no_descendants() -> None:
    resident = read_process(os.getpid())
    assert resident is not None and resident.rss > MIB and resident.pss is not None
    assert read_process(2**22 - 1) is None and descendants(2**22 - 1) == []


def sampled(age_s: float) -> dict[str, float]:
    probe = MemoryProbe(RunOptions())
    probe.before(os.getpid())
    probe.at_tick(os.getpid(), 0.05)
    reading = probe.after(ending(ended_at=time.perf_counter() + age_s))
    probe.close()
    assert len(reading.timeline) == 1
    assert bool(reading.samples) or any("10 ms" in note for note in reading.notes)
    return {s.metric: s.value for s in reading.samples}


def test_a_sampled_reading_counts_only_while_it_is_young() -> None:
    assert sampled(0.0)["rss"] > MIB
    assert sampled(0.020) == {}


def test_a_long_time_line_is_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MAX_TIMELINE", 8)
    probe = MemoryProbe(RunOptions())
    probe.before(os.getpid())
    for tick in range(100):
        probe.at_tick(os.getpid(), float(tick))
    probe.close()
    seconds = [at for at, _ in probe.timeline]
    assert 4 <= len(seconds) <= 8 and seconds == sorted(seconds) and seconds[-1] > 80


@pytest.mark.parametrize("outcome", ["oom", "timeout"])
def test_what_a_killed_process_held_or_used_is_no_result(outcome: str) -> None:
    for probe in start_probes(RunOptions(), {}, ("/bin/true",))[0]:
        probe.before(os.getpid())
        probe.at_exit(os.getpid())
        reading = probe.after(ending(outcome=outcome))
        probe.close()
        assert reading.samples == ()


TRACE = (
    "gc 1 @0.011s 4%: 0.018+1.3+0.076 ms clock, 0.22+0.27/1.4/0.87+0.91 ms cpu, 4->4->1 MB, 5 MB goal, 12 P\n"
    "a line of the program\n"
    "gc 2 @0.322s 3%: 0.08+2.3+0.004 ms clock, 0.16+1.0/2.0/0.1+0.008 ms cpu, 7->9->4 MB, 9 MB goal, 0 MB stacks, "
    "0 MB globals, 2 P (forced)\n"
)


def test_the_last_cycle_of_the_trace_is_the_state_at_the_end() -> None:
    values = {s.metric: (s.value, s.unit) for s in read_gctrace(TRACE)}
    assert values == {"heap-live": (4 * MIB, "B"), "heap-goal": (9 * MIB, "B"), "gc-cycles": (2, "count")}
    assert read_gctrace("gc is nice\n") == ()
    assert without_gctrace(TRACE) == "a line of the program"


def test_gctrace_joins_the_settings_that_are_there() -> None:
    assert with_gctrace("") == "gctrace=1"
    assert with_gctrace("madvdontneed=1") == "madvdontneed=1,gctrace=1"
    assert with_gctrace("gctrace=2,x=1") == "gctrace=2,x=1"


def test_gctrace_is_off_unless_a_metric_needs_it() -> None:
    argv = ("/bin/true",)
    assert GctraceProbe(RunOptions(metrics=frozenset({"rss", "cpu"}))).environment({}, argv) == {}
    wanted = GctraceProbe(RunOptions(metrics=frozenset({"gc-cycles", "heap-inuse"})))
    assert wanted.environment({}, argv) == {"GODEBUG": "gctrace=1"}
    reading = wanted.after(ending(stderr=TRACE))
    assert [s.metric for s in reading.samples] == ["gc-cycles"]
    assert any("heap-inuse" in note for note in reading.notes)


def test_a_binary_with_the_exit_hook_writes_to_a_file_and_needs_no_trace(tmp_path: Path) -> None:
    hooked = tmp_path / "hooked"
    hooked.write_bytes(b"\x7fELF..." + VARIABLE.encode() + b"...")
    options = RunOptions(metrics=frozenset({"heap-live", "heap-inuse"}))
    assert has_exit_hook((str(hooked),), {}) and not has_exit_hook(("/bin/true",), {})
    assert GctraceProbe(options).environment({}, (str(hooked),)) == {}
    probe = RuntimeMetricsProbe(options)
    file = Path(probe.environment({}, (str(hooked),))[VARIABLE])
    file.write_text("BenchmarkRuntime 1 4096 heap-live 8192 heap-inuse 3 gc-cycles\n")
    values = {s.metric: (s.value, s.unit, s.benchmark) for s in probe.after(ending()).samples}
    assert values["heap-live"] == (4096, "B", None) and values["gc-cycles"] == (3, "count", None)
    probe.close()
    assert not file.exists()


def test_a_hook_that_did_not_run_is_said(tmp_path: Path) -> None:
    hooked = tmp_path / "hooked"
    hooked.write_bytes(VARIABLE.encode())
    probe = RuntimeMetricsProbe(RunOptions(metrics=frozenset({"heap-live"})))
    probe.environment({}, (str(hooked),))
    reading = probe.after(ending())
    probe.close()
    assert reading.samples == () and any("exit hook" in note for note in reading.notes)


def test_benchmark_lines_and_declared_units_are_read() -> None:
    text = "Unit hits better=higher\nBenchmarkX-4 1 10 ns/op 5 hits\nBenchmarkX-4 1 30 ns/op 5 hits\nother text\n"
    reading = OutputProbe(RunOptions()).after(ending(stdout=text))
    assert {(s.benchmark, s.metric, s.value) for s in reading.samples} == {("X", "ns/op", 20.0), ("X", "hits", 5.0)}
    assert reading.declarations["hits"]["better"] == "higher"


def test_pressure_is_in_seconds_and_a_kernel_without_it_has_none(tmp_path: Path) -> None:
    (tmp_path / "cpu").write_text("some avg10=0.11 avg60=1.06 avg300=0.65 total=7780796\nfull avg10=0 total=1\n")
    assert read_pressure(tmp_path) == {"cpu": 7.780796}
    assert read_pressure(tmp_path / "none") == {}
