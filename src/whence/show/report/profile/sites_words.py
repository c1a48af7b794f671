"""Who allocates, in words: the sentence, numbers with their intervals, names short enough for a table."""

from __future__ import annotations

import math

from whence.evidence.profile_sites import ProfileSites, Range, Saving, Site, TypeTotal
from whence.show.report import names, numbers

TINY_WORTH_SAYING = 0.05
OPEN_WORTH_SAYING = 0.02


def short(function: str) -> str:
    """Returns a function or type without its package's folders and type arguments: `transport.(*itemList).enqueue`."""
    text = names.clean(function)
    # What stands in brackets are type arguments, as long as paths; a pointer or array type begins with one.
    head, bracket, tail = text.partition("[") if not text.startswith("[") else (text, "", "")
    closed = tail.rpartition("]")[2] if bracket else ""
    return head.rpartition("/")[2] + ("[…]" if bracket else "") + closed


def percent(part: Range) -> str:
    """Returns `23.8 % [23.6, 24.0]`; an interval that would not show is left out."""
    width = 100 * (part.high - part.low)
    decimals = 1 if width >= 0.1 or width == 0 or part.value >= 0.01 else 2
    low, value, high = (f"{100 * x:.{decimals}f}" for x in (part.low, part.value, part.high))
    return f"{value} %" if low == high else f"{value} % [{low}, {high}]"


def count(number: float) -> str:
    """Returns a count with thousands separated; estimates in the millions stay readable."""
    return f"{round(number):,}"


def counted(part: Range) -> str:
    """Returns a count with its interval, rounded to what the interval knows."""
    if round(part.low) == round(part.high):
        return count(part.value)
    digits = max(math.floor(math.log10(max(part.high - part.low, 1))) - 1, 0)

    def rounded(number: float) -> str:
        return count(round(number / 10**digits) * 10**digits)

    return f"{rounded(part.value)} [{rounded(part.low)}, {rounded(part.high)}]"


def amount(part: Range) -> str:
    """Returns bytes with their interval in one unit."""
    scale = numbers.scale_for((part.high or part.value,), "B")
    low, value, high = (numbers.value_text(x, scale) for x in (part.low, part.value, part.high))
    return f"{value} {scale.unit}" if low == high else f"{value} [{low}, {high}] {scale.unit}"


def fraction(part: Range) -> str:
    """Returns a fraction as percent, as a span where it is uncertain."""
    low, high = f"{100 * part.low:.0f}", f"{100 * part.high:.0f}"
    return f"{high} %" if low == high else f"{low}–{high} %"


def saving_text(saving: Saving | None) -> str:
    """Returns what would vanish: with the final capacity where a slice grows, else with a pool."""
    if saving is None:
        return ""
    if saving.preallocated is not None and saving.preallocated.high > 0:
        return f"sized at once: {fraction(saving.preallocated)}"
    return f"pooled: {fraction(saving.pooled)}"


def headline(result: ProfileSites) -> str:
    """Returns the answer in one sentence."""
    parts = [_largest(result)]
    tiny = result.totals.tiny_share
    if result.totals.tiny_share.value >= TINY_WORTH_SAYING:
        undecided = any(site.tiny != "no" and _width(site.objects_share) > OPEN_WORTH_SAYING for site in result.sites)
        end = " and no profile can split them" if undecided and result.sites else ""
        parts.append(f"{percent(tiny)} of all objects are tiny{end}")
    return "; ".join(parts)


def _largest(result: ProfileSites) -> str:
    if result.sites:
        first = result.sites[0]
        return f"{short(first.function)} makes {percent(first.objects_share)} of all objects"
    if result.types:
        first = result.types[0]
        part = first.objects / max(result.totals.objects.value, 1)
        return f"{type_name(first)} makes up {100 * part:.1f} % of {count(result.totals.objects.value)} objects"
    return "The input holds no objects"


def _width(part: Range) -> float:
    return part.high - part.low


def story(result: ProfileSites) -> list[str]:
    """Returns what stands under the sentence: how much there is, of what it is known, what rounding costs."""
    totals = result.totals
    lines = [f"{counted(totals.objects)} objects in {amount(totals.slot_bytes)}{_known_from(result)}."]
    if totals.coalesced.high >= 1 and result.sites:
        source = {
            "runtime totals": "by the runtime's own count",
            "trace": "by the trace",
            "bound": "at most, by how many fit",
        }[totals.coalesced_from]
        lines.append(
            f"{counted(totals.coalesced)} of them joined a tiny block that another had opened ({source}); "
            f"a profile shows {count(totals.profile_objects)} objects."
        )
    if totals.waste_bytes is not None and totals.slot_bytes.value > 0:
        part = totals.waste_bytes.value / max(
            totals.waste_bytes.value + (totals.requested_bytes or totals.waste_bytes).value, 1
        )
        lines.append(f"Rounding up to slots takes {amount(totals.waste_bytes)}, {100 * part:.1f} % of what was traced.")
    return lines


def _known_from(result: ProfileSites) -> str:
    known: list[str] = []
    if result.rates:
        rates = ", ".join(str(rate) for rate in sorted(set(result.rates)))
        known.append(f"{count(result.totals.sampled)} recorded at rate {rates}")
    if result.totals.traced_objects is not None:
        known.append(f"{count(result.totals.traced_objects)} traced")
    return f" ({'; '.join(known)})" if known else ""


def type_name(total: TypeTotal) -> str:
    return short(total.name) if total.name else "memory without a type"


def slot_text(site: Site) -> str:
    """Returns the slots of a place, most objects first: `48`, `16, 32 and 3 more`."""
    sizes = [f"{slot.slot_bytes}" for slot in site.slots]
    return ", ".join(sizes) if len(sizes) <= 3 else f"{', '.join(sizes[:2])} and {len(sizes) - 2} more"


def tiny_text(site: Site) -> str:
    return {"no": "", "possible": "perhaps tiny", "certain": "tiny"}[site.tiny]


def lifetime_text(total: TypeTotal) -> str:
    """Returns the median time from allocation to free, or how many are still there."""
    life = total.lifetime
    if life is None:
        return ""
    if life.median_ns is None:
        return f"{count(life.alive or 0)} still there"
    return numbers.amount_text(life.median_ns / 1e9, "s")
