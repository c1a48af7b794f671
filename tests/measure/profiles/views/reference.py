"""What the views compute, said in plain Python: the specification that they are held against."""

from __future__ import annotations

from collections import Counter, defaultdict

from whence.measure.profiles.readers.profile import Profile


def stacks(profile: Profile, column: int) -> list[tuple[tuple[str, ...], int]]:
    """Returns (names leaf first, value) of every sample that is not zero; a bare location is named by its binary."""
    names, places = profile.function_names(), profile.locations
    found = []
    for sample in range(len(profile)):
        stack: list[str] = []
        for row in profile.stack(sample).tolist():
            lines = places.line_function[places.line_starts[row] : places.line_starts[row + 1]].tolist()
            mapping = int(places.mapping[row])
            binary = profile.strings[int(profile.mappings.filename[mapping])] if mapping >= 0 else ""
            bare = f"[{binary.rpartition('/')[2]}]" if binary else "<unknown>"
            stack += [(names[line] if line >= 0 else "") or bare for line in lines] or [bare]
        value = int(profile.values[sample, column])
        if value:
            found.append((tuple(stack), value))
    return found


def flat_and_cum(profile: Profile, column: int) -> tuple[Counter[str], Counter[str]]:
    flat: Counter[str] = Counter()
    cum: Counter[str] = Counter()
    for stack, value in stacks(profile, column):
        if stack:
            flat[stack[0]] += value
        for name in set(stack):
            cum[name] += value
    return flat, cum


def edges(profile: Profile, column: int) -> dict[tuple[str, str], int]:
    total: defaultdict[tuple[str, str], int] = defaultdict(int)
    for stack, value in stacks(profile, column):
        for pair in {(stack[i + 1], stack[i]) for i in range(len(stack) - 1) if stack[i + 1] != stack[i]}:
            total[pair] += value
    return dict(total)


def paths(profile: Profile, column: int, *, bottom_up: bool = False) -> tuple[Counter[tuple[str, ...]], ...]:
    """Returns what ends in, and what passes through, every path from the root (from the leaf with `bottom_up`)."""
    ends: Counter[tuple[str, ...]] = Counter()
    through: Counter[tuple[str, ...]] = Counter()
    for stack, value in stacks(profile, column):
        path = stack if bottom_up else stack[::-1]
        ends[path] += value
        for depth in range(len(path) + 1):
            through[path[:depth]] += value
    return ends, through
