"""One pass over a recorded stream: objects of each class that were made, and those alive at each collection."""

from __future__ import annotations

import numpy as np
from numba import njit

from whence.explain.simulator.inputs import recording as at


@njit(cache=True)
def lives(kind, shape_class, shape, died, class_of_handle, born, alive, made, begun, dead):  # pragma: no cover
    """Fills made[classes], begun[collections, classes] and dead[collections, classes]; returns 0, or 1 + a bad event.

    class_of_handle, born: by handle, filled for the objects of the snapshot; alive[classes] as the snapshot has it.
    begun[c]: objects when collection c began; dead[c]: those of them that were freed between its end and the next
    begin. A death of a handle that holds nothing is a bad event.
    """
    free = np.empty(len(class_of_handle), np.int64)
    free_count = 0
    next_handle = 0
    while next_handle < len(born) and born[next_handle] == 0:
        next_handle += 1
    next_shape = 0
    next_died = 0
    collection = -1
    for event in range(len(kind)):
        what = kind[event]
        if what == at.ALLOCATE or what == at.EARLY:
            one = shape_class[shape[next_shape]]
            next_shape += 1
            if free_count > 0:
                free_count -= 1
                handle = free[free_count]
            else:
                handle = next_handle
                next_handle += 1
                if handle >= len(born):
                    return event + 1
            class_of_handle[handle] = one
            born[handle] = collection + 1
            alive[one] += 1
            made[one] += 1
        elif what == at.JOIN:
            next_shape += 1
        elif what == at.DIE:
            handle = died[next_died]
            next_died += 1
            if handle >= len(born) or class_of_handle[handle] < 0:
                return event + 1
            one = class_of_handle[handle]
            class_of_handle[handle] = -1
            free[free_count] = handle
            free_count += 1
            alive[one] -= 1
            if collection >= 0 and born[handle] <= collection:
                dead[collection, one] += 1
        elif what == at.COLLECTION_BEGIN:
            collection += 1
            begun[collection, :] = alive
    return 0
