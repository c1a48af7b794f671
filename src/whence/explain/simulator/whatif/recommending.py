"""Request, limit, GOMEMLIMIT and GOGC chosen together: every choice of a grid is simulated on the same draws.

For each choice the request is the median of the peak working set, rounded up, and the limit the peak that is exceeded
with a chance of at most `risk`, model error included. Cost is request in GiB + cores × what a core costs in GiB (about
what clouds charge). The choice is the cheapest that fits into the given limit under its own upper bound; the regret of
every other is what it takes beyond that. Confidence: the share of draws in which the choice costs at most 2 % more
than the best of that draw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from whence.evidence.errors import BadInput
from whence.evidence.simulation import Choice, Recommendation
from whence.explain.simulator.engine.config import Config
from whence.explain.simulator.engine.process_run import ProcessRun
from whence.explain.simulator.engine.simulating import OWN_ERRORS, simulate
from whence.explain.simulator.engine.uncertainty import STAND_IN, source_factor
from whence.explain.simulator.engine.workload import Workload
from whence.explain.simulator.versions.table import model
from whence.explain.simulator.whatif.comparing import Announce
from whence.explain.simulator.whatif.variants import LIMIT_SINCE, Simulated
from whence.golang.versions import parse_version

MIB, GIB = 1 << 20, 1 << 30
GOGC_GRID = (25, 35, 50, 70, 100, 140, 200, 300, 400)
LIMIT_SHARES = (0.7, 0.8, 0.9)
"""GOMEMLIMIT as a share of a container limit."""
PEAK_SHARES = (1.15, 1.5, 2.0)
"""GOMEMLIMIT as a multiple of the least working set in the grid, where no limit is given."""
SMALL_BYTES, SMALL_STEP, STEP = 128 * MIB, MIB, 8 * MIB
CORE_COSTS_GIB = 6.0
RISK = 0.01
CLOSE = 0.02
GUARD = 0.002
"""Of choices that cost within this share of one another the one with GOMEMLIMIT is taken, where a limit is given."""
HIGH, FAIR = 0.8, 0.5


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for."""

    program: Workload
    around: Simulated
    """The variant as the program runs now: release, GOMAXPROCS, CPU."""
    subject: str
    limit: int | None = None
    """Memory limit of the container that must do, in bytes."""
    core_costs_gib: float = CORE_COSTS_GIB
    risk: float = RISK
    seed: int = 1
    replicas: int = 16
    notes: tuple[str, ...] = ()


class _Tried(msgspec.Struct, frozen=True, kw_only=True):
    gogc: int
    memory_limit: int | None
    run: ProcessRun
    seconds: float


def recommend(wish: Wish, *, announce: Announce | None = None) -> Recommendation:
    """Returns the recommendation. Raises BadInput when nothing of the grid fits, and for what contradicts itself."""
    _check(wish)
    tried: list[_Tried] = []
    if announce is not None:
        announce(f"trying {len(GOGC_GRID)} values of GOGC, then limits")
    tried += [_try(wish, gogc, None) for gogc in GOGC_GRID]
    limits = _limits(wish, tried)
    if announce is not None and limits:
        announce(f"trying {len(limits)} values of GOMEMLIMIT with each, and with GOGC=off")
    tried += [_try(wish, gogc, limit) for limit in limits for gogc in (*GOGC_GRID[2:], -1)]
    return _judged(wish, tried)


def _check(wish: Wish) -> None:
    if wish.limit is not None and wish.program.live_bytes > wish.limit:
        raise BadInput(
            f"--limit {wish.limit} B lies below the {wish.program.live_bytes} B that the program keeps alive: no "
            "setting can fit. Raise the limit."
        )
    if not 0 < wish.risk < 0.5:
        raise BadInput(f"--risk {wish.risk}: a chance between 0 and 0.5.")
    if wish.core_costs_gib <= 0:
        raise BadInput(f"--core-costs {wish.core_costs_gib}: a core costs more than nothing.")
    if wish.replicas < 8:
        raise BadInput(f"--replicas {wish.replicas}: a recommendation needs at least 8.")


def _limits(wish: Wish, tried: Sequence[_Tried]) -> tuple[int, ...]:
    """Returns the memory limits worth trying, none before 1.19."""
    if parse_version(wish.around.config.go) < LIMIT_SINCE:
        return ()
    if wish.limit is not None:
        found = [wish.limit * share for share in LIMIT_SHARES]
    else:
        least = min(one.run.totals["working-set"].value for one in tried)
        found = [least * share for share in PEAK_SHARES]
    floor = 1.05 * wish.program.live_bytes
    return tuple(dict.fromkeys(_rounded(value, down=True) for value in found if value > floor))


def _rounded(value: float, *, down: bool = False) -> int:
    """Returns a round number of bytes, upwards unless said: in steps of 1 MiB, above 128 MiB of 8 MiB."""
    step = SMALL_STEP if value < SMALL_BYTES else STEP
    return max(step, (math.floor if down else math.ceil)(value / step) * step)


def _try(wish: Wish, gogc: int, limit: int | None) -> _Tried:
    config = msgspec.structs.replace(wish.around.config, gogc=gogc, memory_limit=limit, container_memory=None)
    run = simulate(wish.program, config, seed=wish.seed, draws=wish.replicas)
    return _Tried(gogc=gogc, memory_limit=limit, run=run, seconds=wish.program.duration_seconds)


def _own(wish: Wish, config: Config) -> float:
    stands_in = model(config.go, config.allow_nearest).stands_in
    return OWN_ERRORS["working-set"] * source_factor(wish.program.source) * (STAND_IN if stands_in else 1.0)


def _judged(wish: Wish, tried: Sequence[_Tried]) -> Recommendation:
    own = _own(wish, wish.around.config)
    memory = np.array([one.run.draws["working-set"] for one in tried])
    cores = np.array([one.run.draws["cpu"] / np.maximum(one.run.draws["wall"], 1e-9) for one in tried])
    requests = np.array([_rounded(float(np.median(row))) for row in memory])
    limits = np.array([_rounded(_upper(row, own, wish.risk)) for row in memory])
    costs = requests / GIB + np.median(cores, axis=1) * wish.core_costs_gib
    fits = np.ones(len(tried), dtype=np.bool_) if wish.limit is None else limits <= wish.limit
    if not fits.any():
        raise BadInput(
            f"nothing fits into {wish.limit} B at a risk of {100 * wish.risk:g} %: the thriftiest setting needs "
            f"{int(limits.min())} B ({int(limits.min()) / MIB:.0f} MiB). Raise the limit, or accept more --risk."
        )
    guarded = np.array([one.memory_limit is not None for one in tried]) & (wish.limit is not None)
    best = int(np.argmin(np.where(fits, costs * np.where(guarded, 1 - GUARD, 1.0), np.inf)))
    confidence = _confidence(memory / GIB + cores * wish.core_costs_gib, fits, best)
    front = _front(requests.astype(np.float64), np.median(cores, axis=1))
    choices = tuple(
        _choice(i, tried, memory, cores, requests, limits, costs, fits, front, best) for i in range(len(tried))
    )
    default = next((c for c in choices if c.gogc == 100 and c.memory_limit is None), None)
    chosen = choices[best]
    if wish.limit is not None:
        chosen = msgspec.structs.replace(chosen, limit=wish.limit)
    config = wish.around.config
    return Recommendation(
        subject=wish.subject,
        source=wish.program.source,
        go=config.go,
        processors=config.processors,
        cpu=config.cpus,
        given_limit=wish.limit,
        core_costs_gib=wish.core_costs_gib,
        risk=wish.risk,
        seed=wish.seed,
        replicas=wish.replicas,
        chosen=chosen,
        variant=_variant(config.go, chosen),
        confidence=confidence,
        confidence_word="high" if confidence >= HIGH else "fair" if confidence >= FAIR else "low",
        default_choice=default,
        choices=tuple(sorted(choices, key=lambda choice: (not choice.fits, choice.cost))),
        sentence=_sentence(chosen, default),
        notes=_notes(wish, chosen, tried, confidence),
    )


def _upper(draws: NDArray[np.float64], own: float, risk: float) -> float:
    """Returns the peak that is exceeded with a chance of at most `risk`: draws and model error as log-normal."""
    logs = np.log(draws)
    spread = math.hypot(float(np.sqrt(np.mean((logs[1:] - logs[0]) ** 2))), own)
    return float(np.exp(logs[0] + NormalDist().inv_cdf(1 - risk) * spread))


def _confidence(costs: NDArray[np.float64], fits: NDArray[np.bool_], best: int) -> float:
    least = np.where(fits[:, None], costs, np.inf).min(axis=0)
    return float(np.mean(costs[best] <= least * (1 + CLOSE)))


def _front(memory: NDArray[np.float64], cores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Returns which choices no other beats on both without losing on one."""
    return np.array(
        [
            not np.any((memory <= m) & (cores <= c) & ((memory < m) | (cores < c)))
            for m, c in zip(memory, cores, strict=True)
        ]
    )


def _choice(
    i: int, tried: Sequence[_Tried], memory: NDArray[np.float64], cores: NDArray[np.float64],
    requests: NDArray[np.int64], limits: NDArray[np.int64], costs: NDArray[np.float64], fits: NDArray[np.bool_],
    front: NDArray[np.bool_], best: int,
) -> Choice:  # fmt: skip
    one = tried[i]
    middle = np.median(cores, axis=1)
    usable = fits if fits.any() else np.ones_like(fits)
    return Choice(
        gogc=None if one.gogc < 0 else one.gogc,
        memory_limit=one.memory_limit,
        request=int(requests[i]),
        limit=int(limits[i]),
        memory=float(np.median(memory[i])),
        memory_low=float(np.quantile(memory[i], 0.05)),
        memory_high=float(np.quantile(memory[i], 0.95)),
        cpu=float(middle[i]),
        cpu_low=float(np.quantile(cores[i], 0.05)),
        cpu_high=float(np.quantile(cores[i], 0.95)),
        memory_regret=float(requests[i] - requests[usable].min()),
        cpu_regret=float(middle[i] - middle[usable].min()),
        cost=float(costs[i]),
        cost_regret=max(0.0, float(costs[i] / costs[best] - 1)),
        on_front=bool(front[i]),
        fits=bool(fits[i]),
    )


def _variant(go: str, chosen: Choice) -> str:
    parts = [f"go={go}", f"GOGC={'off' if chosen.gogc is None else chosen.gogc}"]
    if chosen.memory_limit is not None:
        parts.append(f"GOMEMLIMIT={chosen.memory_limit // MIB}MiB")
    return ",".join([*parts, f"memory={chosen.limit // MIB}MiB"])


def _sentence(chosen: Choice, default: Choice | None) -> str:
    limit = "" if chosen.memory_limit is None else f" with GOMEMLIMIT={chosen.memory_limit // MIB}MiB"
    text = (
        f"Request {chosen.request // MIB} MiB, limit {chosen.limit // MIB} MiB, "
        f"GOGC={'off' if chosen.gogc is None else chosen.gogc}{limit}"
    )
    if default is None or default.cost_regret < 0.005:
        return f"{text}; the default settings cost about the same"
    return f"{text}; the default settings cost {100 * default.cost_regret:.0f} % more"


def _notes(wish: Wish, chosen: Choice, tried: Sequence[_Tried], confidence: float) -> tuple[str, ...]:
    found = list(wish.notes)
    found += tried[0].run.warnings
    if confidence < FAIR:
        found.append("several settings cost nearly the same; which of them is best is not certain.")
    if chosen.memory_limit is None and parse_version(wish.around.config.go) >= LIMIT_SINCE:
        found.append("without GOMEMLIMIT a rise of the live heap above what was assumed meets the limit unbraked.")
    if chosen.gogc is None:
        found.append("GOGC=off leaves all to GOMEMLIMIT: near the limit collections follow one another.")
    found.append(f"A core is counted as {wish.core_costs_gib:g} GiB of memory; --core-costs changes it.")
    return tuple(found)
