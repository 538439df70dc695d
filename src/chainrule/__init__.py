"""Exact gradients of ordinary NumPy code, as Python that a person can read."""

from ._version import __version__
from .api import (
    checkpoint,
    compile,
    debug,
    derivative,
    grad,
    stop_gradient,
    value_and_grad,
    vjp,
    warmup,
)
from .derivatives import (
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    linearize,
    value_and_jacobian,
)
from .errors import SignatureError, UnsupportedError
from .implicit import implicit
from .sparse.drivers import sparsity
from .staging import stages
from .testing.check import check_grads

__all__ = [
    "SignatureError",
    "UnsupportedError",
    "__version__",
    "check_grads",
    "checkpoint",
    "compile",
    "debug",
    "derivative",
    "grad",
    "hessian",
    "hvp",
    "implicit",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "sparsity",
    "stages",
    "stop_gradient",
    "value_and_grad",
    "value_and_jacobian",
    "vjp",
    "warmup",
]
