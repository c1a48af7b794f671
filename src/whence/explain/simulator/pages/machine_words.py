"""The three bit-counting instructions of the machine on 64-bit words, for use inside Numba kernels.

Numba has no names for them, so each one is the LLVM instruction of that meaning. A word without any bit set has 64
zeros at either end, as in Go's internal/runtime/sys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable


_ZEROS_COUNT = ir.Constant(ir.IntType(1), 0)
"""A word of zeros has a count, 64."""


def _counting(operation: Callable[..., ir.Value]) -> Callable[..., object]:
    def code(context, builder, signature, arguments):
        return operation(builder, arguments[0])

    return code


@intrinsic
def trailing_zeros(typing_context, word):
    """Returns the number of zero bits below the lowest set bit of a uint64, as an int64."""
    return types.int64(types.uint64), _counting(
        lambda builder, value: builder.cttz(value, ir.Constant(ir.IntType(1), 0))
    )


@intrinsic
def leading_zeros(typing_context, word):
    """Returns the number of zero bits above the highest set bit of a uint64, as an int64."""
    return types.int64(types.uint64), _counting(
        lambda builder, value: builder.ctlz(value, ir.Constant(ir.IntType(1), 0))
    )


@intrinsic
def ones(typing_context, word):
    """Returns the number of set bits of a uint64, as an int64."""
    return types.int64(types.uint64), _counting(lambda builder, value: builder.ctpop(value))
