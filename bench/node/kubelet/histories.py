"""Random histories: pods of all kinds on a node that runs short of memory now and then."""

from __future__ import annotations

from typing import Any

import numpy as np

SECOND = 1_000_000_000
MEBIBYTE = 1 << 20


def history(seed: int) -> dict[str, Any]:
    """Returns one history, a plain document; no two pods are alike in all that ranks them."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(5, 60))
    end = int(rng.integers(120, 900)) * SECOND
    pods = [_pod(rng, index, end) for index in range(count)]
    rng.shuffle(pods)
    most = sum(max(step["held"] for step in pod["steps"]) for pod in pods)
    system = int(rng.integers(100, 400)) * MEBIBYTE
    capacity = system + most + 64 * MEBIBYTE
    # Thresholds lie where the node often is, far below what it could hold at most.
    share = rng.uniform(0.1, 0.6)
    hard = {"on_pods": False, "value": int(capacity - system - share * most), "grace": 0, "min_reclaim": 0}
    if rng.random() < 0.4:
        hard["min_reclaim"] = int(rng.integers(1, 200)) * MEBIBYTE
    thresholds = [hard]
    pods_limit = capacity
    if rng.random() < 0.5:
        pods_limit = int(capacity - rng.integers(1, 200) * MEBIBYTE)
        thresholds.append({**hard, "on_pods": True})
    if rng.random() < 0.5:
        value = int(hard["value"] + rng.uniform(0.02, 0.15) * most)
        grace = int(rng.integers(5, 60)) * SECOND
        thresholds.append({"on_pods": False, "value": value, "grace": grace, "min_reclaim": 0})
        if rng.random() < 0.3:
            thresholds.pop(0)
    return {
        "capacity": capacity,
        "system": system,
        "pods_limit": pods_limit,
        "end": end,
        "first_pass": int(rng.integers(1, 10 * SECOND)),
        "pass_every": 10 * SECOND,
        "cleanup": int(rng.choice([0.3, 1.5, 4.2, 45.0]) * SECOND),
        "pressure": int(rng.choice([30, 300])) * SECOND,
        "thresholds": thresholds,
        "pods": pods,
    }


def _pod(rng: np.random.Generator, index: int, end: int) -> dict[str, Any]:
    kind = rng.choice(["short", "long", "slow"])
    life = int(
        {"short": rng.uniform(0.05, 8), "long": rng.uniform(60, 1200), "slow": rng.uniform(10, 120)}[kind] * 1000
    )
    steps = int(rng.integers(1, 12))
    ages = [0, *sorted({int(age) for age in rng.integers(1, max(2, life), steps)})]
    held = rng.integers(MEBIBYTE, 300 * MEBIBYTE, len(ages))
    qos = rng.choice(["BestEffort", "Burstable"])
    request = 0 if qos == "BestEffort" else int(rng.integers(10, 300)) * MEBIBYTE
    return {
        "name": f"pod-{index}",
        "start": int(rng.integers(0, int(end * 0.9))),
        "creating": int(rng.choice([0.2, 1.0, 3.0]) * SECOND),
        "life": life * 1_000_000,
        "exit": int(rng.uniform(0.01, 1.0) * 1000) * 1_000_000,
        "steps": [{"age": age * 1_000_000, "held": int(size)} for age, size in zip(ages, held, strict=True)],
        "samples": [],
        "request": request,
        "priority": int(rng.integers(0, 4)) * 1000 + index if rng.random() < 0.9 else index,
        "critical": bool(rng.random() < 0.05),
        "tolerates": bool(rng.random() < 0.1),
    }
