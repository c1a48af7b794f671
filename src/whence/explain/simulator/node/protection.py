"""memory.min and memory.low as they take effect: what the ancestors afford, shared by those who use it.

In meaning from effective_protection in mm/memcontrol.c (mm/page_counter.c since 6.11), with memory_recursiveprot,
which systemd mounts cgroup v2 with.
"""

from __future__ import annotations

import msgspec


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A cgroup: what it holds, the protection set on it (memory.min or memory.low), and its children."""

    name: str
    usage: int
    setting: int = 0
    children: tuple[Group, ...] = ()


def effective(root_children: tuple[Group, ...], *, recursive: bool = True) -> dict[str, int]:
    """Returns the protection that takes effect, by name, for groups directly below the root and all beneath them."""
    found: dict[str, int] = {}
    for group in root_children:  # at the top a setting counts as it is
        found[group.name] = group.setting if group.usage else 0
        _below(group, found[group.name], found, recursive)
    return found


def _below(parent: Group, parent_effective: int, found: dict[str, int], recursive: bool) -> None:
    claimed = sum(min(child.usage, child.setting) for child in parent.children)
    for child in parent.children:
        value = _share(child, parent, parent_effective, claimed, recursive)
        found[child.name] = value
        _below(child, value, found, recursive)


def _share(child: Group, parent: Group, parent_effective: int, claimed: int, recursive: bool) -> int:
    own = min(child.usage, child.setting)
    if claimed > parent_effective:  # more is claimed and used than the parent affords
        return own * parent_effective // claimed
    if not recursive or parent_effective <= claimed or parent.usage <= claimed or child.usage <= own:
        return own
    unclaimed = parent_effective - claimed
    return own + unclaimed * (child.usage - own) // (parent.usage - claimed)


def reclaim_share(usage: int, protected: int) -> float:
    """Returns the share of a group's memory that one round of reclaim looks at: in proportion to what is unprotected.

    Source: get_scan_count in mm/vmscan.c, since 5.4.
    """
    if usage <= 0 or protected >= usage:
        return 0.0
    return 1.0 - protected / usage
