"""What no lowering of an operation can do: refused before anything is lowered."""

from __future__ import annotations

from typing import Final

from ..ir.callees import callees
from ..ir.program import Function, walk
from ..ir.types import is_complex
from .table import refuse

# What is computed of complex numbers, beside what is only moved.
_COMPLEX: Final = frozenset(
    {"add", "sub", "mul", "div", "neg", "pos", "pow", "eq", "ne", "square", "reciprocal", "exp", "log",
     "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "arcsinh",
     "arccosh", "arctanh", "sigmoid", "abs", "real", "imag", "conj", "angle", "phase", "isreal",
     "iscomplex", "isnan", "isinf", "isfinite", "complex", "complex_of", "item", "number", "cast",
     "where", "chain", "accumulate", "alias", "stop_gradient", "sum", "mean", "prod", "cumsum",
     "cumprod", "diff", "trace", "matmul", "dot", "inner", "outer", "vdot", "einsum", "tensordot", "kron",
     "linalg.norm", "linalg.inv", "linalg.det", "linalg.solve", "linalg.cholesky",
     "linalg.slogdet", "exp2", "expm1", "log1p", "log2", "log10", "sinc", "var", "std", "vecdot",
     "matvec", "vecmat", "linalg.multi_dot", "cross", "gradient", "vander", "logical_and", "logical_or",
     "logical_not", "logical_xor", "bool", "not", "and", "or"}
)  # fmt: skip
_MOVING: Final = frozenset(
    {"index", "set_at", "add_at", "take", "reshape", "ravel", "flatten", "T", "transpose",
     "matrix_transpose", "swapaxes", "moveaxis", "rollaxis", "expand_dims", "squeeze", "broadcast_to",
     "broadcast_arrays", "atleast_1d", "atleast_2d", "atleast_3d", "array", "asarray", "astype", "copy",
     "ascontiguousarray", "full", "full_like", "filled", "rank0", "zeros", "ones", "empty", "zeros_like",
     "ones_like", "empty_like", "eye", "identity", "concatenate", "stack", "hstack", "vstack", "append",
     "column_stack", "dstack", "flip", "fliplr", "flipud", "rot90", "roll", "tile", "repeat", "diag",
     "diagonal", "tril", "triu", "pad", "own", "sum_to", "const", "shape", "array_size", "push", "pop",
     "meshgrid", "delete", "insert", "split", "array_split", "hsplit", "vsplit", "dsplit", "unstack",
     "diagflat", "list_append", "list_extend", "list_pop", "list_set", "list_new", "list_get",
     "list_slice", "list_concat", "list_copy", "list_repeat", "list_len", "list_stack", "list_join",
     "list_from", "list_sum", "list_zeros", "list_fill", "list_parts", "list_split", "list_share",
     "list_add", "list_add_slice", "list_total", "peek", "record", "call", "if", "for",
     "while", "pack", "unpack", "last_stores"}
)  # fmt: skip


def refuse_limits(program: Function) -> None:
    """Refuse Fourier transforms, and what is not done with complex numbers."""
    for function in (program, *callees(program)):
        for eqn in walk(function.body):
            if eqn.op.startswith("fft."):
                raise refuse(eqn, "Fourier transforms")
            if not any(is_complex(a.type) for a in (*eqn.args, *eqn.outs)):
                continue
            if eqn.op not in _COMPLEX | _MOVING:
                raise refuse(eqn, f"{eqn.op} of complex numbers")
            if eqn.op in ("pack", "unpack"):
                raise refuse(eqn, "what a function that calls itself keeps of complex numbers")
