"""Every operation, forward and backward, lowered: each call of each rule against the NumPy engine."""

import copy
import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

from chainrule import pipeline, staging
from chainrule.errors import PrimalRaises, UnsupportedError
from chainrule.frontend.signature import to_float
from chainrule.ir.types import Scalar
from chainrule.lowering.special import call_of
from chainrule.rules.registry import HELPERS, OPS, NotWritten
from chainrule.testing import rules

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[1] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

# Lists whose length is seen when the program runs are refused so far.
CALLED = [
    name
    for name, op in OPS.items()
    if (op.cases or op.elementwise) and not name.startswith("list_") and name not in HELPERS
]
# Which of `x if c else y` runs decides whether an array of rank 0 or a number comes out.
KINDS_DIFFER = "where"
# The compiled engine refuses all of their calls.
REFUSED = (
    "add.reduceat",
    "argpartition",
    "array_equiv",
    "bitwise_count",
    "fft.fftfreq",
    "fft.rfftfreq",
    "frexp",
    "lexsort",
    "linalg.eig",
    "linalg.eigvals",
    "math.ulp",
    "nanargmax",
    "nanargmin",
)
# NumPy and Python refuse these at run time.
RAISING = (TypeError,)


def check(call):
    """The forward and the backward function of a call, lowered; False where it is refused."""
    args = call.values
    try:
        primal, names = staging.primal_for(call.fun, args, {}, None, None)
        program = pipeline.pullback(primal, names)
    except (UnsupportedError, PrimalRaises):  # by the frontend or a rule, for both engines
        return False
    count = len(primal.function.results)
    forward = pipeline.replace_results(program.forward, count, program.reads)
    given = zip(primal.parameters.specs, args, strict=True)
    given = {n: to_float(a) if n in names else a for n, a in given}
    leaves = [eval(primal.parameters.paths[v], {}, given) for v in primal.function.params]
    try:
        values = support.emitted(forward)(*copy.deepcopy(leaves))
        compiled = support.lowered(forward)[0]
    except RAISING:
        return False
    except UnsupportedError as error:
        if error.code != "CR075":  # which is what the compiled engine says that it does not do
            raise
        return False
    found = compiled(*map(support.contiguous, leaves))
    support.assert_close(found[:count], values[:count], args)
    seeds = _seeds(program, primal.function.results, values)
    expected = support.emitted(program.backward)(*copy.deepcopy(seeds), *values[count:])
    saved = map(support.contiguous, found[count:])
    gradients = support.lowered(program.backward)[0](*seeds, *saved)
    support.assert_close(gradients, expected, args)
    return True


def _seeds(program, results, values):
    """Gradients of the results: some numbers."""
    rng = np.random.default_rng(3)
    seeds = []
    for seed in program.seeds:
        place = next((i for i, r in enumerate(results) if r is seed.adjoint_of), 0)
        value = rng.uniform(0.5, 1.5, np.shape(values[place])).astype(seed.type.dtype)
        if np.iscomplexobj(value):
            value += 0.5j
        if isinstance(seed.type, Scalar):
            value = value.item() if seed.type.weak else value[()]
        seeds.append(value)
    return seeds


@pytest.mark.parametrize("name", CALLED)
def test_a_lowered_operation_gives_the_same(name):
    done = 0
    problems = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in rules.calls(name):
            if name == KINDS_DIFFER and call.text.count(" if "):
                continue
            try:
                done += check(call)
            except AssertionError as error:
                problems.append(f"{call}\n    {error}")
    assert not problems, "\n".join(problems)
    assert done or name in REFUSED or "fft." in name or lacks(name)


def lacks(name):
    """Does SciPy give no C function for it, or is it refused for other reasons in every call?"""
    if name.startswith("scipy."):
        return True
    unwritten = any(isinstance(r, NotWritten) for r in OPS[name].rules.values())
    return name.startswith("special.") and (
        unwritten or call_of(name, len(OPS[name].operands)) is None
    )
