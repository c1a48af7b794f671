"""+1 % resident memory on static heap shapes is seen with 10 pairs, every time.

    python -m bench.power_rss [COMPARISONS]

Plants one per cent more objects of a static shape and compares: the 95 % interval must exclude 1 and hold the planted
ratio's neighbourhood. Prints how often it did, with the share as the ratio to the promised one (always).
"""

from __future__ import annotations

import sys

from bench.compared import compared, effect

SHAPES = {
    "pointer slices": ("workload:heapshape?size=262144&fill=100&count=400&small=0", 404),
    "pointer-free": ("workload:heapshape?size=262144&fill=100&count=400&small=0&pointers=0", 404),
    "channel-like": ("workload:heapshape?shape=chan&size=262144&fill=100&count=400&small=0", 404),
    "small objects": ("workload:heapshape?size=4096&fill=100&count=20000&small=0", 20200),
}


def main() -> int:
    comparisons = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    seen = 0
    for number in range(comparisons):
        name, (subject, count) = list(SHAPES.items())[number % len(SHAPES)]
        document = compared(
            "base:go=local", f"more:go=local,arg.count={count}", "--subject", subject, "--metric", "rss",
            "--pairs", "10", "--seed", str(number + 1),
        )  # fmt: skip
        e = effect(document, "rss")
        found = e["low"] > 1
        seen += found
        print(
            f"{name:<16} ×{e['ratio']:.4f} [{e['low']:.4f}, {e['high']:.4f}]  {'seen' if found else 'MISSED'}",
            flush=True,
        )
    print(
        f"+1 % rss seen in {seen} of {comparisons} comparisons of 10 pairs: "
        f"{seen / comparisons:.2f} of what is promised"
    )
    return 0 if seen == comparisons else 1


if __name__ == "__main__":
    sys.exit(main())
