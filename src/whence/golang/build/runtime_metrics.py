"""An exit hook, added to a program by overlay, that writes what Go's runtime says of itself as the program ends.

The hook is a package of its own inside the program's module (it exists only in the overlay), imported for its effect
by one extra file of the main package. It runs when main.main returns and on os.Exit; the runtime offers no hook for a
crash or a death by signal. Without the variable it registers nothing.

| releases | registers with | reached by |
|---|---|---|
| 1.20 to 1.22 | runtime.addExitHook(f, runOnNonZeroExit) (runtime/exithook.go) | linkname |
| 1.23 and later | internal/runtime/exithook.Add(Hook) (hooks.go of that package) | linkname, -checklinkname=0 |

A function without a body, as linkname needs it, is accepted beside an assembly file, or with the compiler's
-complete=false. The assembler insists on a directory that exists, so it is the flag, for this package alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from whence.golang.build.errors import refuse
from whence.golang.build.plan import BuildPlan
from whence.golang.versions import at_least

VARIABLE = "WHENCE_RUNTIME_METRICS"
PACKAGE = "whence_exit_metrics"
_PACKAGE_CLAUSE = re.compile(r"^package[ \t]+(\w+)", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

_HOOK = """package whence_exit_metrics

import (
	"os"
	"runtime/metrics"
	"strconv"
	_ "unsafe"
)

@REGISTER@

var path string

func init() {
	path = os.Getenv("@VARIABLE@")
	if path == "" {
		return
	}
	os.Unsetenv("@VARIABLE@")
	register()
}

func write() {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/gc/heap/goal:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) uint64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0
		}
		return samples[i].Value.Uint64()
	}
	line := append(make([]byte, 0, 256), "BenchmarkRuntime 1"...)
	add := func(value uint64, unit string) {
		line = append(line, ' ')
		line = strconv.AppendUint(line, value, 10)
		line = append(line, ' ')
		line = append(line, unit...)
	}
	if samples[5].Value.Kind() == metrics.KindUint64 {
		add(value(5), "heap-live")
	}
	add(value(0)+value(1), "heap-inuse")
	add(value(2), "heap-goal")
	add(value(3), "gc-cycles")
	add(value(4), "runtime-total")
	line = append(line, '\\n')
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return
	}
	file.Write(line)
	file.Close()
}
"""

_REGISTER_RUNTIME = """//go:linkname addExitHook runtime.addExitHook
func addExitHook(f func(), runOnNonZeroExit bool)

func register() { addExitHook(write, true) }"""

_REGISTER_EXITHOOK = """type hook struct {
	F            func()
	RunOnFailure bool
}

//go:linkname addHook internal/runtime/exithook.Add
func addHook(h hook)

func register() { addHook(hook{F: write, RunOnFailure: true}) }"""


def exit_hook(plan: BuildPlan, folder: Path) -> tuple[dict[str, str], list[str]]:
    """Writes the hook's files into `folder`. Returns the overlay that puts them into the module, and build flags.

    The flags must stand behind the user's: the last -gcflags that matches a package is the one that counts.
    """
    place = plan.place
    if place.root is None:
        raise refuse(plan.variant, "runtime metrics need a Go module. Run `go mod init NAME` where it should begin.")
    imported = f"{place.mod.module}/{PACKAGE}"
    register = _REGISTER_EXITHOOK if at_least(plan.toolchain.version, "1.23") else _REGISTER_RUNTIME
    importing = f"zz_{PACKAGE}{'_test' if plan.source.kind == 'test' else ''}.go"
    contents = {
        place.tree.actual(place.root) / PACKAGE / "hook.go": (
            _HOOK.replace("@REGISTER@", register).replace("@VARIABLE@", VARIABLE)
        ),
        plan.package_directory / importing: f'package {_package_name(plan)}\n\nimport _ "{imported}"\n',
    }
    overlay: dict[str, str] = {}
    for number, (target, text) in enumerate(contents.items()):
        written = folder / f"hook{number}.go"
        written.write_text(text, encoding="utf-8")
        overlay[str(target)] = str(written)
    return overlay, [f"-gcflags={imported}=-complete=false"]


def _package_name(plan: BuildPlan) -> str:
    """Returns the name in the package clauses; a file of the external test package does not count."""
    if plan.source.kind == "main":
        return "main"
    for path in sorted(plan.package_directory.glob("*.go")):
        found = _PACKAGE_CLAUSE.search(_COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace")))
        if found is not None and found[1] != "documentation":
            return found[1].removesuffix("_test") if path.name.endswith("_test.go") else found[1]
    raise refuse(plan.variant, f"{plan.place.package} has no Go files. Check the subject.")
