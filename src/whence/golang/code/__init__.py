"""Machine code of Go programs: which functions two executables share, instruction by instruction."""

from __future__ import annotations

from whence.golang.code.comparing import CodeDifference, compare_code
from whence.golang.code.decisions import Decision, newly_on_heap, on_heap, slices_made
from whence.golang.code.program import Program, read_program

__all__ = [
    "CodeDifference",
    "Decision",
    "Program",
    "compare_code",
    "newly_on_heap",
    "on_heap",
    "read_program",
    "slices_made",
]
