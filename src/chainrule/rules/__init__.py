"""What the compiler knows about operations: one file per area, and the registry they fill.

Import `chainrule.rules` and the registry is complete. Adding an operation touches one file here.
"""

from . import (
    python_builtins,
    arithmetic,
    elementwise,
    roots,
    trigonometry,
    selection,
    special,
    sequences,
    indexing,
    lists,
    linalg,
    creation,
    nondiff,
    reductions,
    shape,
    expanding,
    copies,
    joining,
    splitting,
    arranging,
    diagonal,
    padding,
    differences,
    ranges,
    gathering,
    running,
    extremes,
    nan_reductions,
    tensors,
    contractions,
    matrix_functions,
    index_sets,
)
