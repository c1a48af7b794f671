"""The answer of a diff in one sentence."""

from __future__ import annotations

from whence.evidence.profile_diff import FunctionChange, ProfileDiff


def sentence(found: ProfileDiff) -> str:
    """Returns the sentence: what differs most and how sure, or that nothing does."""
    sure = [row for row in found.functions if row.verdict in {"grew", "shrank"}]
    moved = [row for row in found.functions if row.verdict == "moved"]
    if not sure and not moved:
        return f"No function differs: 0 of {found.judged:,} beyond chance."
    if not sure:
        return f"Nothing grew: {_moved(moved)}; no other of {found.judged:,} functions differs beyond chance."
    counted = f"{len(sure)} of {found.judged:,} functions {'differ' if len(sure) > 1 else 'differs'} beyond chance"
    also = f", and {_moved(moved)}" if moved else ""
    return f"{_first(sure[0], found)}; {counted}{also}."


def _first(row: FunctionChange, found: ProfileDiff) -> str:
    own = row.flat if row.flat.verdict == row.verdict else row.cum
    where = "in itself" if own is row.flat else "with what it calls"
    shares = f"{_percent(own.base_share)} to {_percent(own.candidate_share)} of {found.sample_type}"
    if own.base == 0:
        return f"{row.name} is new: {_percent(own.candidate_share)} of {found.sample_type} {where}"
    if own.candidate == 0:
        return f"{row.name} is gone: it was {_percent(own.base_share)} of {found.sample_type} {where}"
    interval = f" [{own.low:.2f}, {own.high:.2f}]" if own.low is not None and own.high is not None else ""
    return f"{row.name} {row.verdict} {where} from {shares}, ×{own.ratio:.2f}{interval}"


def _moved(rows: list[FunctionChange]) -> str:
    row = next((r for r in rows if r.flat.candidate_share < r.flat.base_share), rows[0])
    under = f" under {row.moved_under}" if row.moved_under not in (row.name, *row.moved_to) else ""
    way = "to" if row.flat.candidate_share < row.flat.base_share else "from"
    return f"the cost of {row.name} moved {way} {', '.join(row.moved_to[:3])}{under}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
