"""+1 % CPU, planted as a known share of a loop: how often a time budget sees it on this host.

    python -m bench.power_cpu [MINUTES [COMPARISONS]]     default 10 minutes each, 5 comparisons

Before it starts it prints what this host can see in that time (the sd of the log ratio from a short pilot), so that a
host that cannot is known beforehand. The figure is the share of budgets whose 95 % interval excludes 1.
"""

from __future__ import annotations

import sys

from bench.compared import compared, effect

SUBJECT = "workload:alloc?n=6000000&size=64"
MORE = 6060000


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    comparisons = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    words = ["base:go=local", f"more:go=local,arg.n={MORE}", "--subject", SUBJECT, "--metric", "cpu"]
    pilot = effect(compared(*words, "--pairs", "10", "--seed", "1"), "cpu")
    sd = pilot["detectable"] * 10**0.5 / 2.8
    print(f"pilot: sd of the log ratio {sd:.1%}; 10 pairs see {pilot['detectable']:.1%}", flush=True)
    seen = 0
    for number in range(comparisons):
        document = compared(*words, "--budget", f"{minutes:g}m", "--seed", str(number + 2))
        e = effect(document, "cpu")
        found = e["low"] is not None and e["low"] > 1
        seen += found
        print(
            f"budget {number + 1}: {e['pairs']} pairs, ×{e['ratio']:.4f} [{e['low']:.4f}, {e['high']:.4f}], "
            f"could see {e['detectable']:.2%}: {'seen' if found else 'not seen'}",
            flush=True,
        )
    print(
        f"+1 % CPU seen in {seen} of {comparisons} budgets of {minutes:g} min: "
        f"{seen / comparisons / 0.8:.2f} of the limit of 80 %"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
