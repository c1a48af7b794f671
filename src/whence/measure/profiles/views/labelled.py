"""Values by label instead of by function: any label's key, and the size class that heap profiles label as bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from whence.evidence.errors import BadInput
from whence.measure.profiles.views.looking import Look

SIZE_CLASS, LABEL = "size-class", "label:"
_SLOT = "bytes"
"""The label under which Go's heap profiles hold the size of the objects, rounded up to their slot."""


def is_label(by: str) -> bool:
    return by == SIZE_CLASS or by.startswith(LABEL)


def by_label(seen: Look, by: str) -> Iterator[tuple[str, int]]:
    """Yields (label value, sum) over all samples; a sample with several values of the key counts for each.

    Raises BadInput when no sample has the label.
    """
    key = _SLOT if by == SIZE_CLASS else by.removeprefix(LABEL)
    profile, labels, strings = seen.profile, seen.profile.labels, seen.profile.strings
    if key not in {strings[row] for row in set(labels.key.tolist())}:
        there = sorted({strings[row] for row in set(labels.key.tolist())})
        has = f"it has {', '.join(there)}" if there else "its samples have none"
        raise BadInput(f"no sample has the label {key} ({has}). Choose another --by.")
    values = profile.values[:, seen.column].tolist()
    sums: Counter[str] = Counter()
    edges = labels.starts.tolist()
    rows = list(
        zip(labels.key.tolist(), labels.text.tolist(), labels.number.tolist(), labels.unit.tolist(), strict=True)
    )
    for sample, value in enumerate(values):
        told = {
            strings[text] if text else f"{number} {strings[unit]}".strip()
            for at, text, number, unit in rows[edges[sample] : edges[sample + 1]]
            if strings[at] == key
        }
        for name in told or {f"(no {key})"}:
            sums[name] += value
    yield from ((name, value) for name, value in sums.items() if value)
