"""The Go benchmark format: what `go test -bench` prints, and what any program may print to report numbers.

The format is specified at https://go.dev/design/14313-benchmark-format; where the specification leaves something open,
the reader does what golang.org/x/perf/benchfmt does, because benchstat reads the same files. The differences are
listed in docs/benchmark-files.md.
"""

from whence.golang.benchfmt.names import NameParts, name_parts, split_procs
from whence.golang.benchfmt.reader import parse
from whence.golang.benchfmt.records import BenchFile, Result, UnitDeclarations
from whence.golang.benchfmt.samples import samples
from whence.golang.benchfmt.units import tidy
from whence.golang.benchfmt.writer import write

__all__ = [
    "BenchFile",
    "NameParts",
    "Result",
    "UnitDeclarations",
    "name_parts",
    "parse",
    "samples",
    "split_procs",
    "tidy",
    "write",
]
