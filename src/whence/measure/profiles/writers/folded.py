"""Folded stacks, one a line: `root;caller;leaf 42`, what flame graph scripts read."""

from __future__ import annotations

from whence.measure.profiles.readers.profile import Profile
from whence.measure.profiles.writers.stack_names import named_stacks

_FORBIDDEN = str.maketrans({";": ":", "\n": " ", "\r": " "})
_NO_STACK = "(no stack)"


def write_folded(profile: Profile, column: int | None = None) -> bytes:
    """Returns the stacks of one column of values (the profile's default when not given) as text, a line a stack.

    Values are whole numbers in the profile's unit, negative ones of a difference too. A semicolon in a name, which
    the format cannot hold, is written as a colon. Labels and files have no place in it.
    """
    stacks = named_stacks(profile, profile.default_type if column is None else column)
    names = [name.translate(_FORBIDDEN) for name in stacks.names]
    starts, content = stacks.starts.tolist(), stacks.content.tolist()
    lines = [
        f"{';'.join([names[frame] for frame in content[starts[row] : starts[row + 1]]]) or _NO_STACK} {value}\n"
        for row, value in enumerate(stacks.values.tolist())
    ]
    return "".join(lines).encode("utf-8", "replace")
