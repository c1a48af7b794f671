"""Running one process: what is read of it, and how each way to end is told."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.evidence.errors import BadInput, UnusableEnvironment
from whence.measure.lab.exit_stop import is_zombie
from whence.measure.lab.launch import Launch, ProcessRecord, RunOptions
from whence.measure.lab.process import PrepareFailed, host_oom_kills, last_lines, run_process

MIB = 1 << 20
Read = Callable[[ProcessRecord, str], float | None]
Program = Callable[[str], str]

pytestmark = pytest.mark.real


def run(*argv: str, **options: object) -> ProcessRecord:
    return run_process(Launch(argv=argv), RunOptions(**{"timeout_s": 60.0, **options}))  # type: ignore[arg-type]


def shell(script: str, **options: object) -> ProcessRecord:
    return run("/bin/sh", "-c", script, **options)


def has_ended(pid: int) -> bool:
    """True when it is gone, or waits for an init that is slow to collect the dead."""
    deadline = time.monotonic() + 10
    while not is_zombie(pid, pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_zombie(pid, pid)


def test_memory_at_exit_is_the_same_every_time(program: Program, read: Read) -> None:
    allocate = program("allocate")
    values = [read(run(allocate, "40"), "rss") for _ in range(10)]
    assert all(v is not None and 40 * MIB <= v <= 42 * MIB for v in values), values


def test_cpu_and_wall_are_those_of_the_program_not_of_its_start(read: Read) -> None:
    record = run("/bin/true")
    cpu, wall = read(record, "cpu"), read(record, "wall")
    assert cpu is not None and wall is not None and record.seconds == wall
    assert 0 <= cpu < 0.05, "the shell at the gate or the lab itself was counted"
    assert record.outcome == "ok" and record.exit_code == 0 and record.message == ""


def test_peak_is_the_program_s_own_and_not_the_lab_s(read: Read) -> None:
    peak = read(run("/bin/true"), "rss-peak")
    assert peak is not None and peak < 16 * MIB


def test_anonymous_and_file_memory_stand_apart(program: Program, read: Read) -> None:
    record = run(program("allocate"), "40")
    anonymous, file, rss = (read(record, name) for name in ("rss-anon", "rss-file", "rss"))
    assert anonymous is not None and file is not None and rss is not None
    assert 40 * MIB <= anonymous < 41 * MIB and 0 < file < 4 * MIB and abs(anonymous + file - rss) < MIB


def test_start_is_the_first_output(read: Read) -> None:
    record = shell("sleep 0.1; echo hello; sleep 0.1")
    start, wall = read(record, "start"), read(record, "wall")
    assert start is not None and wall is not None and 0.1 <= start <= wall - 0.1
    assert read(shell("true"), "start") is None


def test_the_time_line_covers_the_run() -> None:
    record = shell("sleep 0.4")
    assert len(record.timeline) >= 3
    assert all(rss > 0 for _, rss in record.timeline) and record.timeline[-1][0] <= record.seconds + 0.05


def test_a_non_zero_exit_is_data_and_quotes_what_the_program_said() -> None:
    record = shell("echo working; echo it broke >&2; exit 3")
    assert (record.outcome, record.exit_code, record.signal, record.message) == ("exit", 3, None, "it broke")


def test_a_crash_is_named_by_its_signal(program: Program) -> None:
    record = run(program("crash"))
    assert (record.outcome, record.exit_code, record.signal) == ("signal", None, "SIGSEGV")
    assert "about to fail" in record.message


def test_a_killed_process_has_no_stale_memory(read: Read) -> None:
    record = shell("kill -KILL $$")
    assert (record.outcome, record.signal) == ("signal", "SIGKILL")
    rss = read(record, "rss")
    assert rss is None or rss > 0


def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    record = shell(f"sleep 600 & echo $! > {note}; wait", timeout_s=0.3)
    assert record.outcome == "timeout" and "0.3 s" in record.message
    assert has_ended(int(note.read_text()))


def test_a_group_that_hides_in_a_session_of_its_own_is_killed_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    record = shell(f"setsid sh -c 'echo $$ > {note}; exec sleep 600' & wait", timeout_s=0.5)
    assert record.outcome == "timeout"
    assert has_ended(int(note.read_text()))


def test_memory_of_children_is_the_sum_of_their_share_and_said_so(program: Program, read: Read) -> None:
    record = run(program("children"))
    rss = read(record, "rss")
    assert record.outcome == "ok" and rss is not None and 30 * MIB <= rss <= 33 * MIB
    assert any("sum of PSS of 2 processes" in note for note in record.notes)


def test_children_that_ended_before_are_said_to_be_left_out(program: Program, read: Read) -> None:
    record = shell(f"{program('allocate')} 30; true")
    rss = read(record, "rss")
    assert rss is not None and rss < 10 * MIB
    assert record.host["children-rss-at-exit-max"] > 30 * MIB
    assert any("ended before the program did" in note for note in record.notes)


def test_cpu_counts_children_that_were_waited_for(program: Program, read: Read) -> None:
    allocate = program("allocate")
    alone = read(run(allocate, "200"), "cpu")
    as_child = read(shell(f"{allocate} 200; true"), "cpu")
    assert alone and as_child and as_child > 0.3 * alone


def test_a_process_that_is_stopped_and_continued_ends_as_usual() -> None:
    record = shell("(sleep 0.2; kill -CONT $$) & kill -STOP $$; echo again; exit 4", timeout_s=20.0)
    assert record.outcome == "exit" and record.exit_code == 4


def test_signals_reach_the_program() -> None:
    record = shell("trap 'exit 5' USR1; kill -USR1 $$; sleep 5")
    assert record.exit_code == 5


def test_a_busy_go_program_is_read_exactly_despite_its_signals(go_program: Program, read: Read) -> None:
    collector = go_program("collector")
    for _ in range(3):
        record = run(collector)
        rss, peak = read(record, "rss"), read(record, "rss-peak")
        assert record.outcome == "ok" and rss is not None and peak is not None and MIB < rss <= peak
        assert read(record, "ns/op") == 1234


def test_a_go_panic_shows_how_its_report_begins(go_program: Program) -> None:
    record = run(go_program("collector"), "deliberate")
    assert record.outcome == "exit" and record.exit_code == 2
    assert record.message.startswith("panic: deliberate")


def test_gctrace_is_read_when_asked_for_and_keeps_what_was_set(go_program: Program, read: Read) -> None:
    collector = go_program("collector")
    launch = Launch(argv=(collector,), environment={"GODEBUG": "madvdontneed=1"})
    record = run_process(launch, RunOptions(metrics=frozenset({"heap-live", "gc-cycles"})))
    live, cycles = read(record, "heap-live"), read(record, "gc-cycles")
    assert live and cycles and live >= MIB and cycles >= 1
    assert read(run(collector), "gc-cycles") is None


def test_output_far_beyond_a_pipe_is_taken_without_blocking(read: Read) -> None:
    script = (
        "import sys\n"
        "for _ in range(300): sys.stdout.write('x' * 65535 + '\\n')\n"
        "print('BenchmarkEnd 1 7 ns/op')\n"
        "sys.stderr.write('noise\\n' * 100000 + 'the last word\\n')\n"
        "sys.exit(1)"
    )
    record = run(sys.executable, "-S", "-c", script)
    assert read(record, "ns/op") == 7
    assert record.message.endswith("the last word")
    assert any("not kept" in note for note in record.notes)


def test_without_the_exit_stop_an_old_reading_is_missing_never_a_number(program: Program, read: Read) -> None:
    record = run(program("allocate"), "4", exit_stop=False)
    assert record.outcome == "ok" and read(record, "cpu") is not None
    if not record.timeline:
        assert read(record, "rss") is None and any("10 ms" in note for note in record.notes)


def test_a_forbidden_exit_stop_falls_back_to_sampling_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from whence.measure.lab import exit_stop

    monkeypatch.setattr(exit_stop, "_ptrace", lambda *_: 1)
    record = shell("sleep 0.2")
    assert record.outcome == "ok" and record.timeline
    assert any("ptrace" in note and "every 50 ms" in note for note in record.notes)


def test_processes_left_behind_are_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    record = shell(f"sleep 600 & echo $! > {note}")
    assert record.outcome == "ok"
    assert has_ended(int(note.read_text()))


def test_the_environment_and_directory_are_those_of_the_launch(tmp_path: Path) -> None:
    launch = Launch(
        argv=("/bin/sh", "-c", 'test "$WHENCE_TEST" = "a b" && test "$(pwd -P)" = "$1"', "sh", str(tmp_path.resolve())),
        environment={"WHENCE_TEST": "a b"},
        cwd=tmp_path,
    )
    assert run_process(launch, RunOptions()).outcome == "ok"


def test_a_program_is_pinned_from_its_first_instruction() -> None:
    cpu = min(os.sched_getaffinity(0))
    record = run(sys.executable, "-S", "-c", f"import os; assert os.sched_getaffinity(0) == {{{cpu}}}", affinity=(cpu,))
    assert record.outcome == "ok", record.message
    with pytest.raises(UnusableEnvironment, match="may use CPUs"):
        run("/bin/true", affinity=(1000,))


def test_prepare_runs_before_each_run_and_its_failure_names_it(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert run("/bin/cat", str(made), prepare=f"echo x > {made}").outcome == "ok"
    with pytest.raises(PrepareFailed, match=r"'exit 7' failed with exit code 7"):
        run("/bin/true", prepare="exit 7")


@pytest.mark.parametrize(
    ("argv", "said"),
    [(("/no/such/program",), "no such file"), (("no-such-program",), "not on PATH"), ((), "empty")],
)
def test_a_program_that_is_not_there_is_bad_input(argv: tuple[str, ...], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        run_process(Launch(argv=argv), RunOptions())


def test_a_file_that_is_not_executable_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    with pytest.raises(BadInput, match="chmod"):
        run(str(tmp_path / "plain"))


def test_children_of_the_lab_itself_are_left_to_it() -> None:
    import subprocess

    own = subprocess.Popen(["/bin/sh", "-c", "exit 6"])
    run("/bin/true")
    assert own.wait() == 6


def test_an_interrupt_ends_the_process_and_goes_on(tmp_path: Path) -> None:
    import threading

    note = tmp_path / "pid"
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        shell(f"echo $$ > {note}; exec sleep 600")
    timer.join()
    assert has_ended(int(note.read_text()))


def test_nothing_is_left_open_after_many_runs() -> None:
    run("/bin/true")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        run("/bin/true", metrics=frozenset({"heap-live"}))
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_what_a_run_leaves_behind_is_kept_and_named(tmp_path: Path) -> None:
    kept = tmp_path / "profiles"
    record = shell('echo x > "$WHENCE_PROFILES/cpu.pprof"', keep_profiles_in=kept)
    (directory,) = kept.iterdir()
    assert (directory / "cpu.pprof").read_text() == "x\n"
    assert any("cpu.pprof" in note and str(directory) in note for note in record.notes)
    shell("true", keep_profiles_in=kept)
    assert list(kept.iterdir()) == [directory], "an empty directory is not kept"


def test_a_process_that_cannot_be_started_is_an_error_of_one_line() -> None:
    with pytest.raises(UnusableEnvironment, match="cannot start /bin/true: Argument list too long"):
        run("/bin/true", "x" * (1 << 22))


def test_the_last_point_of_the_time_line_is_the_exit(program: Program, read: Read) -> None:
    record = run(program("allocate"), "40")
    assert record.timeline[-1][1] == read(record, "rss")
    assert record.host["stops"] >= 1


def test_last_lines_skips_what_is_blank_and_prefers_a_crash_report() -> None:
    assert last_lines("a\n\nb\n") == "a\nb"
    assert last_lines("log\nfatal error: all goroutines are asleep\n" + "frame\n" * 50).startswith("fatal error:")
    assert last_lines("") == ""


def test_oom_kills_of_the_host_are_counted_where_the_kernel_says(tmp_path: Path) -> None:
    vmstat = tmp_path / "vmstat"
    vmstat.write_text("pgfault 9\noom_kill 3\nnr_x 1\n")
    assert host_oom_kills(vmstat) == 3
    vmstat.write_text("pgfault 9\n")
    assert host_oom_kills(vmstat) is None and host_oom_kills(tmp_path / "none") is None
