"""The Go files that drive a release's own pacer by a script: one text, spelled for each release."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def _spelling(minor: int) -> dict[str, str]:
    """Returns what stands for each mark of the template in Go 1.`minor` (18 to 27)."""
    atomic = minor >= 20
    store = ".Store({})" if atomic else " = {}"
    load = ".Load()" if atomic else ""

    def put(field: str, value: str) -> str:
        return f"c.{field}{store.format(value)}"

    if minor == 18:
        return {
            "@NEW@": "NewGCController(int(n[0]))",
            "@COMMIT_FIRST@": "c.commit(0)",
            "@MEMORY@": "",
            "@START@": (
                "c.scannableStackSize, c.globalsScan, c.heapLive = uint64(n[0]), uint64(n[1]), uint64(n[2])\n"
                "\t\t\tc.heapScan += uint64(n[3])\n\t\tc.startCycle(0, int(n[4]))"
            ),
            "@IDLE@": "c.idleMarkTime = n[3]",
            "@AFTER_PERCENT@": "c.revise()",
            "@LIMIT@": "",
            "@COMMIT@": "c.commit(0)\n\t\tc.revise()",
            "@READ@": "goal, trigger, runway, idle := c.heapGoal, c.trigger, uint64(0), uint64(0)",
            "@DEDICATED@": "c.dedicatedMarkWorkersNeeded",
        }
    kind = "[]gcTriggerKind{gcTriggerHeap, gcTriggerTime}[n[5]]"
    return {
        "@NEW@": "NewGCController(int(n[0]), n[1])",
        "@COMMIT_FIRST@": "",
        "@MEMORY@": "c.heapFree = sysMemStat(n[0])\n\t\tc.totalAlloc.Store(uint64(n[1]))\n"
        "\t\tc.mappedReady.Store(uint64(n[2]))",
        "@START@": "\n\t\t".join(
            (
                put("maxStackScan", "uint64(n[0])"),
                put("globalsScan", "uint64(n[1])"),
                put("heapLive", "uint64(n[2])"),
                "c.heapScan.Add(n[3])" if atomic else "c.heapScan += uint64(n[3])",
                f"c.startCycle(0, int(n[4]), gcTrigger{{kind: {kind}}})",
            )
        ),
        "@IDLE@": put("idleMarkTime", "n[3]"),
        "@AFTER_PERCENT@": "c.commit(n[1] == 1)\n\t\tc.revise()",
        "@LIMIT@": "c.setMemoryLimit(n[0])\n\t\tc.commit(n[1] == 1)\n\t\tc.revise()",
        "@COMMIT@": "c.commit(n[0] == 1)\n\t\tc.revise()",
        "@READ@": (
            "trigger, goal := c.trigger()\n\t\trunway := c.runway.Load()\n\t\tidle := c.idleMarkWorkers.Load() >> 32"
        ),
        "@DEDICATED@": f"c.dedicatedMarkWorkersNeeded{load}",
    }


def go_files(minor: int) -> dict[str, str]:
    """Returns the files to inject into the runtime of Go 1.`minor`, text by name."""
    inside = (FOLDER / "inside.go.in").read_text()
    for mark, spelling in _spelling(minor).items():
        inside = inside.replace(mark, spelling)
    steady = "runtime.NewGCController(100)" if minor == 18 else "runtime.NewGCController(100, 1<<63-1)"
    outside = (FOLDER / "outside.go.in").read_text().replace("@NEW_STEADY@", steady)
    return {"export_whence_test.go": inside, "whence_drive_test.go": outside}
