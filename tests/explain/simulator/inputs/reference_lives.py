"""Whose objects live when in a recorded stream: the specification of `kernels_lifetimes`, with objects as objects."""

from __future__ import annotations

from whence.explain.simulator.inputs import recording as at


def lives(kind: list[int], shape: list[int], died: list[int], initial: list[int], classes: int):
    """Returns made[classes] and, for each collection, the classes' numbers alive in truth."""
    holder: dict[int, tuple[int, int]] = {handle: (one, -1) for handle, one in enumerate(initial)}
    free: list[int] = []
    fresh = len(initial)
    made = [0] * classes
    at_begin: list[list[int]] = []
    dead: list[list[int]] = []
    shapes, deaths, collection = iter(shape), iter(died), -1
    for what in kind:
        if what in (at.ALLOCATE, at.EARLY):
            one = next(shapes)
            if free:
                handle = free.pop()
            else:
                handle, fresh = fresh, fresh + 1
            holder[handle] = (one, collection)
            made[one] += 1
        elif what == at.JOIN:
            next(shapes)
        elif what == at.DIE:
            handle = next(deaths)
            one, born = holder.pop(handle)
            free.append(handle)
            if collection >= 0 and born < collection:
                dead[collection][one] += 1
        elif what == at.COLLECTION_BEGIN:
            collection += 1
            counts = [0] * classes
            for one, _ in holder.values():
                counts[one] += 1
            at_begin.append(counts)
            dead.append([0] * classes)
    return made, [[b - d for b, d in zip(x, y, strict=True)] for x, y in zip(at_begin, dead, strict=True)]
