"""The names of runtime/metrics, and what Prometheus clients make of them.

The list is that of the package's `description.go` in Go 1.16 to 1.27 (settings of GODEBUG apart). The Go client of
Prometheus writes `/gc/heap/goal:bytes` as `go_gc_heap_goal_bytes`: the path and the unit joined by `_`, and `_total`
behind what only grows and is no histogram; its older names come from MemStats.
"""

from __future__ import annotations

COUNTERS = (
    "/cgo/go-to-c-calls:calls",
    "/cpu/classes/gc/mark/assist:cpu-seconds",
    "/cpu/classes/gc/mark/dedicated:cpu-seconds",
    "/cpu/classes/gc/mark/idle:cpu-seconds",
    "/cpu/classes/gc/pause:cpu-seconds",
    "/cpu/classes/gc/total:cpu-seconds",
    "/cpu/classes/idle:cpu-seconds",
    "/cpu/classes/scavenge/assist:cpu-seconds",
    "/cpu/classes/scavenge/background:cpu-seconds",
    "/cpu/classes/scavenge/total:cpu-seconds",
    "/cpu/classes/total:cpu-seconds",
    "/cpu/classes/user:cpu-seconds",
    "/gc/cleanups/executed:cleanups",
    "/gc/cleanups/queued:cleanups",
    "/gc/cycles/automatic:gc-cycles",
    "/gc/cycles/forced:gc-cycles",
    "/gc/cycles/total:gc-cycles",
    "/gc/finalizers/executed:finalizers",
    "/gc/finalizers/queued:finalizers",
    "/gc/heap/allocs:bytes",
    "/gc/heap/allocs:objects",
    "/gc/heap/frees:bytes",
    "/gc/heap/frees:objects",
    "/gc/heap/tiny/allocs:objects",
    "/sched/goroutines-created:goroutines",
    "/sync/mutex/wait/total:seconds",
)
GAUGES = (
    "/gc/gogc:percent",
    "/gc/gomemlimit:bytes",
    "/gc/heap/goal:bytes",
    "/gc/heap/live:bytes",
    "/gc/heap/objects:objects",
    "/gc/limiter/last-enabled:gc-cycle",
    "/gc/scan/globals:bytes",
    "/gc/scan/heap:bytes",
    "/gc/scan/stack:bytes",
    "/gc/scan/total:bytes",
    "/gc/stack/starting-size:bytes",
    "/memory/classes/heap/free:bytes",
    "/memory/classes/heap/objects:bytes",
    "/memory/classes/heap/released:bytes",
    "/memory/classes/heap/stacks:bytes",
    "/memory/classes/heap/unused:bytes",
    "/memory/classes/metadata/mcache/free:bytes",
    "/memory/classes/metadata/mcache/inuse:bytes",
    "/memory/classes/metadata/mspan/free:bytes",
    "/memory/classes/metadata/mspan/inuse:bytes",
    "/memory/classes/metadata/other:bytes",
    "/memory/classes/os-stacks:bytes",
    "/memory/classes/other:bytes",
    "/memory/classes/profiling/buckets:bytes",
    "/memory/classes/total:bytes",
    "/sched/gomaxprocs:threads",
    "/sched/goroutines:goroutines",
    "/sched/goroutines/not-in-go:goroutines",
    "/sched/goroutines/runnable:goroutines",
    "/sched/goroutines/running:goroutines",
    "/sched/goroutines/waiting:goroutines",
    "/sched/threads/total:threads",
)
HISTOGRAMS = (
    "/gc/heap/allocs-by-size:bytes",
    "/gc/heap/frees-by-size:bytes",
    "/gc/pauses:seconds",
    "/sched/latencies:seconds",
    "/sched/pauses/stopping/gc:seconds",
    "/sched/pauses/stopping/other:seconds",
    "/sched/pauses/total/gc:seconds",
    "/sched/pauses/total/other:seconds",
)

FROM_MEMSTATS = {
    "go_memstats_alloc_bytes": "HeapAlloc",
    "go_memstats_alloc_bytes_total": "TotalAlloc",
    "go_memstats_buck_hash_sys_bytes": "BuckHashSys",
    "go_memstats_frees_total": "Frees",
    "go_memstats_gc_cpu_fraction": "GCCPUFraction",
    "go_memstats_gc_sys_bytes": "GCSys",
    "go_memstats_heap_alloc_bytes": "HeapAlloc",
    "go_memstats_heap_idle_bytes": "HeapIdle",
    "go_memstats_heap_inuse_bytes": "HeapInuse",
    "go_memstats_heap_objects": "HeapObjects",
    "go_memstats_heap_released_bytes": "HeapReleased",
    "go_memstats_heap_sys_bytes": "HeapSys",
    "go_memstats_mallocs_total": "Mallocs",
    "go_memstats_mcache_inuse_bytes": "MCacheInuse",
    "go_memstats_mcache_sys_bytes": "MCacheSys",
    "go_memstats_mspan_inuse_bytes": "MSpanInuse",
    "go_memstats_mspan_sys_bytes": "MSpanSys",
    "go_memstats_next_gc_bytes": "NextGC",
    "go_memstats_other_sys_bytes": "OtherSys",
    "go_memstats_stack_inuse_bytes": "StackInuse",
    "go_memstats_stack_sys_bytes": "StackSys",
    "go_memstats_sys_bytes": "Sys",
}
"""Names of the Prometheus client's base collector: the field of MemStats."""

FIXED = {
    "go_goroutines": "/sched/goroutines:goroutines",
    "go_threads": "/sched/threads/total:threads",
    "go_gc_gogc_percent": "/gc/gogc:percent",
    "go_gc_gomemlimit_bytes": "/gc/gomemlimit:bytes",
    "go_sched_gomaxprocs_threads": "/sched/gomaxprocs:threads",
}


def prometheus_name(name: str, *, grows: bool) -> str:
    """Returns what the Go client of Prometheus calls a metric of runtime/metrics."""
    path, _, unit = name.partition(":")
    joined = f"go{path}_{unit}"
    for sign in "/-*":
        joined = joined.replace(sign, "_")
    return joined + ("_total" if grows else "")


BY_PROMETHEUS = (
    FIXED
    | {prometheus_name(name, grows=True): name for name in COUNTERS}
    | {prometheus_name(name, grows=False): name for name in (*GAUGES, *HISTOGRAMS)}
)
