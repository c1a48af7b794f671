"""Amounts and findings of a collector's story in words."""

from __future__ import annotations

from whence.evidence.gc_story import Amount, Measure, StretchKind

_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_SECONDS = ((60.0, "min"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def amount_text(amount: Amount | None) -> str:
    """Returns `14 %`, `3.1 ms`, `64 MB`: three digits, fewer when the interval is wider than the third."""
    if amount is None:
        return "unknown"
    value, digits = amount.value, _digits(amount)
    if amount.unit == "share":
        return f"{_number(100 * value, digits)} %"
    if amount.unit == "B":
        return _scaled(value, _BYTES, digits)
    if amount.unit in ("s", "cpu-s"):
        return _scaled(value, _SECONDS[1:], digits) + (" of CPU" if amount.unit == "cpu-s" else "")
    return f"{_number(value, digits)}{' a second' if amount.unit == '1/s' else ''}"


def moment(seconds: float) -> str:
    """Returns a time of the run: `3.1 s`, `42 ms`, `312 s`."""
    if seconds < 0.1:
        return f"{1e3 * seconds:.2g} ms" if seconds else "0 s"
    if seconds >= 100:
        return f"{seconds:.0f} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds:.3f} s"


def times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number:,} times"


def evidence(kind: StretchKind, cycles: int, measures: tuple[Measure, ...]) -> str:
    """Returns the sentence that says what was seen in a stretch."""
    found = {measure.name: amount_text(measure.amount) for measure in measures}
    counted = f"{cycles:,} collection{'' if cycles == 1 else 's'}"
    if kind == "assist":
        return f"goroutines that allocate spent {found.get('assists', '?')} of the processors' time marking ({counted})"
    if kind == "stopped":
        return f"the world was stopped {found.get('stopped', '?')} of the time ({counted})"
    if kind == "back-to-back":
        return f"a collection was running {found.get('collecting', '?')} of the time ({counted})"
    if kind == "cpu-limiter":
        return f"collections took {found.get('collector', '?')} of the CPU and the runtime capped them ({counted})"
    if kind == "memory-limit" and any(m.name == "full" and m.amount.value >= 0.5 for m in measures):
        return (
            f"in {found['full']} of {counted} the {found.get('live', '?')} live left no room under the limit, so the"
            f" goal was the live heap itself; collections took {found.get('collector', '?')} of the CPU"
        )
    if kind == "memory-limit":
        return (
            f"the goal stayed near {found.get('goal', '?')} with {found.get('live', '?')} live, below"
            f" what GOGC asks for; collections took {found.get('collector', '?')} of the CPU ({counted})"
        )
    if kind == "growth":
        return f"the live heap rose from {found.get('from', '?')} to {found.get('to', '?')} ({counted})"
    return "no collection ran"


def _digits(amount: Amount) -> int:
    """Returns the significant digits that an amount deserves: two when its interval is wider than 1 %."""
    if amount.low is None or amount.high is None or amount.value == 0:
        return 3
    return 2 if (amount.high - amount.low) / abs(amount.value) > 0.01 else 3


def _scaled(value: float, multiples: tuple[tuple[float, str], ...], digits: int) -> str:
    for size, name in multiples:
        if abs(value) >= size * 0.9995:
            return f"{_number(value / size, digits)} {name}"
    size, name = multiples[-1]
    return f"{_number(value / size, digits)} {name}"


def _number(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}" if abs(value) >= 1e-3 else f"{value:.1g}"
