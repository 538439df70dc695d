"""The registry is complete: every operand decided, every operation tested, every spelling real."""

import ast
import inspect
import math
import re

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.frontend import builtin_calls
from chainrule.rules.registry import (
    CALLABLES,
    HELPERS,
    MACROS,
    METHODS,
    OPS,
    REQUIRED,
    Built,
    NoDerivative,
    NotWritten,
    Rule,
    resolve,
)
from chainrule.testing import rules

# Steps of backward passes, which no expression stands for, and stop_gradient: test_adversarial.
WITHOUT_CALLS = {
    "accumulate", "add_at", "set_at", "last_stores", "cast", "chain", "filled", "number", "own", "rank0",
    "stop_gradient", "sum_to", "is_none", "is_set", "sets", "external", "fit_axis",
    "draw",  # which has an effect: tests/run/corpus/draws.py
}  # fmt: skip

# Functions that rules call: test_special_edges.
WITHOUT_CALLS |= set(HELPERS)

# Lists whose length is known only at run time need statements: tests/run/corpus/lists.py.
WITHOUT_CALLS |= {name for name in OPS if name.startswith("list_")}


@pytest.mark.parametrize("name", OPS)
def test_every_operand_is_decided(name):
    op = OPS[name]
    assert set(op.rules) == set(op.operands)
    for decision in op.rules.values():
        assert isinstance(decision, Rule | NoDerivative | NotWritten | Built)
        if isinstance(decision, NotWritten):
            assert len(decision.because.split()) > 3
        if isinstance(decision, Built):
            assert len(decision.how.split()) > 3


def test_every_operation_has_calls():
    without = {name for name, op in OPS.items() if not op.cases and op.sample is None}
    assert without <= WITHOUT_CALLS, sorted(without - WITHOUT_CALLS)
    assert all(op.sample is not None for op in OPS.values() if op.elementwise and not op.formed)


def operations(function):
    """The names of all operations in a program, those within blocks too."""
    for eqn in function.body:
        yield eqn.op
        for block in eqn.blocks:
            yield from operations(block)


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if op.cases])
def test_a_case_is_a_call_of_its_operation(name):
    for case in OPS[name].cases:
        primal, _ = rules.specialised(rules.case_call(case))
        assert name in {*operations(primal.function), *sizes(case)} or case == "u.T", case


def sizes(case):
    """Sizes get their equation later, when it is known where they are read."""
    return {"array_size" if ".size" in case else "shape" if ".shape" in case else ""}


GENERATED = [name for name, op in OPS.items() if op.elementwise and not op.formed]


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_call_is_a_call_of_its_operation(name):
    seen = 0
    for call in rules.generated(OPS[name]):
        if isinstance(ast.parse(call.text).body[0].value, ast.IfExp) or not accepts(call):
            continue
        primal, _ = rules.specialised(call)
        found = set(operations(primal.function))  # math.hypot takes any number of arguments
        assert name in found or (name == "hypot" and "math.hypot" in found), str(call)
        seen += 1
    assert seen


def accepts(call):
    try:
        with np.errstate(all="ignore"):
            call.fun(*rules.copied(call.values))
    except (TypeError, DeprecationWarning):
        return False
    return True


# -- spellings -------------------------------------------------------------------------------------

SPELLINGS = [(op.name, via) for op in OPS.values() for via in op.spellings if not op.formed]


@pytest.mark.parametrize(("name", "via"), SPELLINGS)
def test_every_spelling_resolves(name, via):
    op = OPS[name]
    template = op.spellings[via]
    if not via:
        names = {node.id for node in ast.walk(template) if isinstance(node, ast.Name)}
        assert set(op.operands) <= names
    elif name != "sigmoid":  # formed where its expression is read
        assert isinstance(template, ast.Call)
        fun = resolve(template.func)
        assert callable(fun)
        assert fun in CALLABLES
        parameters = {*(k.arg for k in template.keywords), *map(parameter, template.args)}
        assert set(op.operands) <= parameters
        assert set(op.options) - {"nesting"} <= parameters


def parameter(arg):
    return arg.value.id if isinstance(arg, ast.Starred) else arg.id


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_a_case(name):
    methods = [
        case
        for op in OPS.values()
        for case in op.cases
        if re.search(rf"(?<!np)(?<!linalg)\.{name}\(", case)
    ]
    assert methods
    assert hasattr(np.ndarray, name)


# The public signature says less, or more than we read.
SIGNATURE_IS_LESS = {
    "array": {"nesting"},  # ours: which operand stands where
    "astype": {"order", "casting", "subok"},  # of the method
    "einsum": {"subscripts", "dtype", "order", "casting"},
    "pad": {"constant_values"},
    "logaddexp.reduce": {"keepdims", "initial"},
    "hypot.reduce": {"keepdims", "initial"},
}
OTHER_NAMES = {"arange", "array", "einsum", "empty_like", "flatten"}


def signatures():
    for fun, (name, via) in CALLABLES.items():
        if isinstance(fun, np.ufunc) or via in ("math", "cmath") or name == "stop_gradient":
            continue
        try:
            yield pytest.param(name, inspect.signature(fun).parameters.values(), id=name)
        except ValueError:
            continue


SIGNATURES = list(signatures())


@pytest.mark.parametrize(("name", "parameters"), SIGNATURES)
def test_options_are_those_of_the_function(name, parameters):
    defaults = {p.name: p.default for p in parameters}
    for option, default in OPS[name].options.items():
        if option in SIGNATURE_IS_LESS.get(name, ()):
            continue
        theirs = defaults[option]
        if default is REQUIRED:
            assert theirs is inspect.Parameter.empty
        elif theirs in (float, int):  # as a dtype, where None means the same
            assert default in (None, theirs.__name__)
        elif type(theirs).__name__ != "_NoValueType":
            assert (default, type(default)) == (theirs, type(theirs)), option


@pytest.mark.parametrize(("name", "parameters"), SIGNATURES)
def test_positional_arguments_bind_as_in_the_function(name, parameters):
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    theirs = [p.name for p in parameters if p.kind in kinds]
    ours = list(OPS[name].order)
    if name in OTHER_NAMES:
        assert len(ours) >= 1
    elif theirs:
        assert ours[: len(theirs)] == theirs[: len(ours)]
    else:
        assert any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)


# -- refusals --------------------------------------------------------------------------------------

UNWRITTEN = [
    (name, op)
    for name, op in OPS.items()
    if name not in WITHOUT_CALLS and any(isinstance(r, NotWritten) for r in op.rules.values())
]


@pytest.mark.parametrize(("name", "op"), UNWRITTEN, ids=[name for name, _ in UNWRITTEN])
def test_a_derivative_that_is_not_written_is_refused_with_the_reason(name, op):
    (reason,) = {r.because for r in op.rules.values() if isinstance(r, NotWritten)}
    error = refusal(name)  # a call may leave out, or give as an integer, what has no derivative
    assert reason in str(error)
    assert error.code == "CR024"
    assert error.lineno == 2


def refusal(name):
    for call in rules.calls(name):
        try:
            cr.vjp(call.fun, *call.values)
        except cr.UnsupportedError as error:
            return error
    raise AssertionError("no call is refused")


# -- what has to be there --------------------------------------------------------------------------

REQUIRED_NAMES = {
    "arithmetic": """add subtract multiply divide true_divide negative positive power float_power
        floor_divide mod remainder fmod divmod modf square reciprocal""",
    "exponentials and logarithms": """exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2""",
    "trigonometric": """sin cos tan arcsin arccos arctan asin acos atan arctan2 atan2 sinh cosh tanh
        arcsinh arccosh arctanh asinh acosh atanh hypot deg2rad rad2deg degrees radians sinc""",
    "roots, signs, selection": """sqrt cbrt abs absolute fabs sign copysign maximum minimum fmax fmin
        clip where select nan_to_num heaviside floor ceil trunc rint round around fix ldexp""",
    "tests": """equal not_equal less less_equal greater greater_equal logical_and logical_or
        logical_xor logical_not isnan isinf isfinite isclose allclose array_equal""",
    "bits": """bitwise_and bitwise_or bitwise_xor invert bitwise_not left_shift right_shift""",
    "reductions": """sum mean var std prod max min amax amin ptp cumsum cumprod average any all
        argmax argmin argsort count_nonzero nansum nanmean nanvar nanstd nanmax nanmin nanprod
        nancumsum nancumprod linalg.norm""",
    "products": """matmul dot inner outer vdot tensordot einsum trace kron cross""",
    "matrices": """linalg.inv linalg.det linalg.slogdet linalg.solve linalg.cholesky""",
    "shape": """reshape ravel transpose swapaxes moveaxis rollaxis expand_dims squeeze atleast_1d
        atleast_2d atleast_3d broadcast_to broadcast_arrays matrix_transpose shape ndim size""",
    "joining and splitting": """concatenate stack hstack vstack dstack column_stack append split
        array_split hsplit vsplit dsplit unstack tile repeat delete insert""",
    "rearranging": """flip fliplr flipud rot90 roll sort pad diag diagflat diagonal tril triu diff
        gradient take take_along_axis""",
    "construction": """array asarray asanyarray ascontiguousarray copy zeros ones full empty
        zeros_like ones_like full_like empty_like arange linspace logspace geomspace eye identity
        tri meshgrid indices vander""",
}
METHOD_NAMES = {
    "reductions": "sum mean var std prod max min cumsum cumprod any all argmax argmin argsort trace",
    "shape": "reshape ravel flatten transpose swapaxes squeeze repeat diagonal",
    "values": "copy astype clip round dot",
}


def known(fun):
    """Is there an operation, a definition by others, or a handler of the frontend for it?"""
    return fun in CALLABLES or fun in MACROS or builtin_calls.lookup(fun) is not None


@pytest.mark.parametrize("area", REQUIRED_NAMES)
def test_public_functions_of_numpy(area):
    names = REQUIRED_NAMES[area].split()
    missing = [name for name in names if not known(resolve(ast.parse(f"np.{name}").body[0].value))]
    assert not missing


@pytest.mark.parametrize("area", METHOD_NAMES)
def test_methods_of_arrays(area):
    assert set(METHOD_NAMES[area].split()) <= set(METHODS)


def test_all_of_math():
    public = {name for name in dir(math) if callable(getattr(math, name)) and name[0] != "_"}
    assert not {name for name in public if not known(getattr(math, name))}


@pytest.mark.parametrize("name", ["erf", "erfc", "gamma", "gammaln", "digamma", "psi", "polygamma"])
def test_special_functions(name):
    assert known(getattr(special, name))
