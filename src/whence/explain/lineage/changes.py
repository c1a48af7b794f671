"""What is known to have changed with which line of releases: one row a change, each with the place it was read at."""

from __future__ import annotations

from whence.evidence.lineage import KnownChange, Panel


def _row(since: str, panel: Panel, short: str, words: str, source: str) -> KnownChange:
    return KnownChange(since=since, panel=panel, short=short, words=words, source=source)


CHANGES = (
    _row("1.7", "allocation", "SSA", "a new compiler back end (SSA) for amd64",
         "go1.7.6 src/cmd/compile/internal/ssa/regalloc.go:1"),
    _row("1.17", "allocation", "registers", "arguments are passed in registers on amd64",
         "go1.17.13 src/internal/buildcfg/exp.go:56"),
    _row("1.22", "allocation", "headers", "objects above 512 bytes carry a header instead of bits elsewhere",
         "go1.22.12 src/internal/buildcfg/exp.go:76"),
    _row("1.27", "allocation", "by size", "an allocation function for each small size",
         "go1.27.4 src/internal/buildcfg/exp.go:88"),
    _row("1.3", "pauses", "sweep", "sweeping no longer stops the world", "go1.3.3 src/pkg/runtime/mgc0.c:11"),
    _row("1.5", "pauses", "concurrent", "marking runs beside the program", "go1.5.4 src/runtime/mgc.go:10"),
    _row("1.8", "pauses", "hybrid barrier", "stacks are no longer scanned again while the world is stopped",
         "go1.8.7 src/runtime/mbarrier.go:24"),
    _row("1.12", "pauses", "termination", "no work is left to mark termination: every P agrees before it",
         "go1.12.17 src/runtime/mgc.go:1400"),
    _row("1.12", "memory", "lazily", "memory is given back lazily (MADV_FREE), and stays resident until it is wanted",
         "go1.12.17 src/runtime/mem_linux.go:38"),
    _row("1.13", "memory", "paced", "a paced background scavenger instead of one that waits for five minutes",
         "go1.13.15 src/runtime/mgcscavenge.go:59"),
    _row("1.16", "memory", "at once", "memory is given back at once again (MADV_DONTNEED)",
         "go1.16.15 src/runtime/runtime1.go:364"),
    _row("1.5", "collector", "told", "the release tells the collector's share of CPU (GCCPUFraction)",
         "go1.5.4 src/runtime/mstats.go:129"),
    _row("1.18", "collector", "pacer", "a new pacer, which aims at a quarter of the CPU with assists in it",
         "go1.18.10 src/runtime/mgcpacer.go:17"),
    _row("1.26", "collector", "Green Tea", "the collector looks through memory span by span (Green Tea)",
         "go1.26.11 src/internal/buildcfg/exp.go:88"),
)  # fmt: skip
"""Sorted by panel, then by release."""
