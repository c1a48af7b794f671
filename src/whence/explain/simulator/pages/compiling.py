"""How the kernels of the simulated page heap are compiled.

What is kept on disk is renewed when the file of a kernel changes, not when a kernel that it calls does: after a change
remove the `*.nbi` and `*.nbc` files beside the sources, or callers go on with what they had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable


P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Returns `function` as a compiled kernel that is kept on disk and counts no references to its arrays.

    Counting them costs more than the work on a few words does: three operations in four. It is safe as no kernel
    creates an array or lets one outlive its call.
    """
    options: dict[str, Any] = {"cache": True, "_nrt": False}
    return njit(**options)(function)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Returns a kernel that becomes part of its callers: handing all arrays of a heap over costs more than its work."""
    options: dict[str, Any] = {"cache": True, "_nrt": False, "forceinline": True}
    return njit(**options)(function)
