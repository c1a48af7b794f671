"""What to do, in words: a change as people would ask for it, what it did, and its price."""

from __future__ import annotations

import re

from whence.evidence.attribution import Attribution, RejectedRemedy, Remedy
from whence.evidence.variant import split_list
from whence.show.report import names
from whence.show.report.explain.words import ratio_text

NO_PRICE = 0.03
"""A price nearer to 1 than this is not told: what medians of other metrics scatter by."""
_SETTING = re.compile(r"([A-Za-z][\w./-]*)=(.+)\Z")
_NAME = re.compile(r"[A-Za-z0-9._-]+:")
_RELEASE = re.compile(r"\d+(\.\d+)*\Z")


def action(change: str, attribution: Attribution) -> str:
    """Returns a change as people would ask for it: `go=1.24.13` is `upgrade to go1.24.13`. What is no list of settings
    stays as it is."""
    settings = [_SETTING.match(part) for part in split_list(change)]
    if not all(settings):
        return names.clean(change)
    return names.clean(", ".join(_setting(m[1], m[2], attribution) for m in settings if m is not None))


def _setting(key: str, value: str, attribution: Attribution) -> str:
    if key == "go" and _RELEASE.match(value):
        now = _release(attribution.candidate)
        if now is None:
            return f"go{value}"
        return f"{'upgrade to' if _order(value) > _order(now) else 'stay on'} go{value}"
    if key.startswith("mod."):
        return f"{key.removeprefix('mod.')} {value}"
    if key == "experiment":
        return f"build with GOEXPERIMENT={value.replace('+', ',')}"
    if key.startswith("debug."):
        return f"GODEBUG={key.removeprefix('debug.')}={value}"
    if key == "goline":
        return f"go line {value}"
    return f"{key}={value}"


def _release(spec: str) -> str | None:
    """Returns the release that a variant asks for, None where it asks for none by number."""
    matches = [_SETTING.match(part) for part in split_list(_NAME.sub("", spec))]
    found = next((m[2] for m in matches if m is not None and m[1] == "go"), "")
    return found if _RELEASE.match(found) else None


def _order(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def remedy_text(remedy: Remedy, attribution: Attribution) -> str:
    """Returns `upgrade to go1.24.13: ×0.999 [0.999, 0.999] of the base; cpu ×0.86`, or why to try what was not run."""
    change = action(remedy.change, attribution)
    if not remedy.measured:
        return f"{change}: {names.clean(remedy.why)}" if remedy.why else change
    price = price_text(remedy.price, attribution.metric)
    return f"{change}: {_of_the_base(remedy)}{'; ' + price if price else ''}"


def rejected_text(remedy: RejectedRemedy, attribution: Attribution) -> str:
    """Returns a rejected remedy with the reason, and what it came to where it was run."""
    ratio = f" ({_of_the_base(remedy)})" if remedy.ratio is not None else ""
    why = f": {names.clean(remedy.why)}" if remedy.why else ""
    return f"{action(remedy.change, attribution)}{why}{ratio}"


def _of_the_base(remedy: Remedy | RejectedRemedy) -> str:
    if remedy.ratio is None:
        return "no ratio"
    text = ratio_text(remedy.ratio, remedy.low, remedy.high)
    return f"exactly {text.removesuffix(' exact')} of the base" if text.endswith(" exact") else f"{text} of the base"


def price_text(price: dict[str, float], metric: str) -> str:
    """Returns what else a remedy moved, as remedied ÷ candidate: `cpu ×0.86`. Kin of the metric itself is no price."""
    kin = metric.partition("-")[0]
    other = {k: v for k, v in price.items() if k != metric and not (kin == "rss" and k.startswith("rss"))}
    moved = [f"{names.clean(k)} ×{v:.3g}" for k, v in other.items() if abs(v - 1) >= NO_PRICE]
    if moved:
        return ", ".join(moved)
    return f"{names.join([names.clean(k) for k in other])} unchanged" if other else ""
