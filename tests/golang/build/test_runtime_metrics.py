"""The exit hook writes Go's own metrics however the program ends, and is silent when nobody asks."""

from __future__ import annotations

import subprocess

import pytest

from whence.golang import benchfmt

pytestmark = pytest.mark.real

UNITS = {"heap-live", "heap-inuse", "heap-goal", "gc-cycles", "runtime-total"}
MOD = "module example.com/app\n\ngo 1.20\n"
PROGRAM = """package main

import (
	"os"
	"runtime"
)

var kept = make([]byte, 8<<20)

func main() {
	runtime.GC()
	println(os.Getenv("WHENCE_RUNTIME_METRICS"))
	if len(os.Args) > 1 {
		os.Exit(3)
	}
	runtime.KeepAlive(kept)
}
"""


def metrics_of(built, tmp_path, *arguments, status=0):
    file = tmp_path / "metrics"
    file.unlink(missing_ok=True)
    environment = {"WHENCE_RUNTIME_METRICS": str(file)}
    done = subprocess.run([built.path, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == status
    samples, _ = benchfmt.samples(file.read_text())
    return {s.metric: s.value for s in samples}, done.stderr


@pytest.mark.parametrize("name", ["local", "1.22.12"], ids=["exithook", "addExitHook"])
def test_metrics_are_written_on_return_and_on_exit(bench, release, tmp_path, name):
    bench.files({"app/go.mod": MOD, "app/main.go": PROGRAM})
    built = bench.build(go=release(name), runtime_metrics=True)
    for arguments, status in (((), 0), (("x",), 3)):
        found, said = metrics_of(built, tmp_path, *arguments, status=status)
        assert set(found) == UNITS
        assert 8 << 20 <= found["heap-live"] <= found["heap-inuse"] < found["runtime-total"] < 1 << 30
        assert found["gc-cycles"] >= 1 and found["heap-goal"] > found["heap-live"]
        assert said == "\n", "children must not inherit the variable"


def test_without_the_variable_nothing_is_written(bench, tmp_path):
    bench.files({"app/go.mod": MOD, "app/main.go": PROGRAM})
    built = bench.build(runtime_metrics=True)
    done = subprocess.run([built.path], env={}, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "\n")
    assert built.sha256 != bench.build().sha256


def test_a_vendored_program_below_the_root_with_its_own_gcflags_gets_the_hook(bench, tmp_path):
    bench.files({"app/go.mod": MOD, "app/cmd/tool/main.go": PROGRAM, "app/vendor/modules.txt": ""})
    built = bench.build("gcflags=all=-N -l", where="app/cmd/tool", runtime_metrics=True, layout_seed=7)
    assert set(metrics_of(built, tmp_path)[0]) == UNITS


def test_a_test_binary_gets_the_hook(bench, tmp_path):
    bench.files({"app/go.mod": MOD, "app/lib.go": "package lib\n"})
    bench.files({"app/lib_test.go": 'package lib_test\n\nimport "testing"\n\nfunc BenchmarkX(b *testing.B) {}\n'})
    built = bench.build(kind="test", runtime_metrics=True)
    assert set(metrics_of(built, tmp_path, "-test.run=^$")[0]) == UNITS
