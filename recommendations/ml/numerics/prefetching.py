"""Asking memory early for a row of factors that compiled code will need."""

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from recommendations.ml.data import FloatArray

FLOATS_PER_LINE = 16
"""A cache line of 64 bytes holds as many."""
# The arguments of `llvm.prefetch`: to be written to, to be kept, and data, not instructions.
FOR_WRITING, KEPT_CLOSE, DATA = 1, 3, 1


@njit(cache=True, nogil=True, inline="always")
def prefetch(factors: FloatArray, row: int) -> None:
    """Start bringing a row into the cache, to be read and written; waits for nothing.

    The row must be there.
    """
    for factor in range(0, factors.shape[1], FLOATS_PER_LINE):
        _prefetch_line(factors, row, factor)  # type: ignore[call-arg]


@intrinsic
def _prefetch_line(_context: Any, array: Any, row: Any, column: Any) -> Any:
    """Prefetch the line of one number; numba has no such function, LLVM has."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, *index_types = signature.args
        view = context.make_array(array_type)(context, builder, arguments[0])
        indices = [
            context.cast(builder, index, index_type, types.intp)
            for index, index_type in zip(arguments[1:], index_types, strict=True)
        ]
        address = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, array_type, view, indices
        )
        number = ir.IntType(32)
        takes = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], takes)
        how = [ir.Constant(number, value) for value in (FOR_WRITING, KEPT_CLOSE, DATA)]
        builder.call(function, [builder.bitcast(address, cgutils.voidptr_t), *how])
        return context.get_dummy_value()

    return types.void(array, row, column), generate
