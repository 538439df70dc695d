"""Functions as users write them: value, gradient, and what must not change."""

import copy
import importlib.util
import inspect
import warnings
from pathlib import Path

import autograd
import autograd.numpy
import autograd.scipy.special
import numpy as np
import pytest

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.testing.numeric import numeric_gradient_with_error

HERE = Path(__file__).parent


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


support = load(HERE / "support.py", "support")


class Case:
    """One function with arguments: all of them in the order of its parameters."""

    def __init__(self, module, number, fun, args, kwargs=None, wrt=None):
        self.fun = fun
        bound = inspect.signature(fun).bind(*args, **(kwargs or {}))
        bound.apply_defaults()
        self.names = list(bound.arguments)
        self.args = [bound.arguments[name] for name in self.names]
        self.bound = bound
        floats = tuple(i for i, a in enumerate(self.args) if self.differentiable(a))
        ints = tuple(i for i, a in enumerate(self.args) if type(a) is int)
        self.wrt = wrt or floats or ints
        self.wrt_names = tuple(self.names[i] for i in self.wrt)
        self.id = f"{module.__name__}-{fun.__name__}-{number}"

    @staticmethod
    def differentiable(value):
        """A float, or a container with one in it and no integer array, which would be refused."""
        found = [leaf for _, leaf in support.leaves(value)]
        if any(isinstance(v, np.ndarray | np.generic) and v.dtype.kind in "iub" for v in found):
            return False
        return any(map(support.is_float, found))

    def call(self, fun, args):
        """The function applied to arguments in the order of its parameters."""
        bound = copy.copy(self.bound)
        bound.arguments = dict(zip(self.names, args, strict=True))
        return fun(*bound.args, **bound.kwargs)


MODULES = [load(path, path.stem) for path in sorted((HERE / "corpus").glob("*.py"))]
CASES = [
    Case(module, number, *example)
    for module in MODULES
    for number, example in enumerate(module.EXAMPLES)
]
parametrized = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def gradients_of(case, **options):
    args, kwargs = case.bound.args, case.bound.kwargs
    run, text = support.built(case.fun, args, case.wrt_names, kwargs, **options)
    value, gradients = run(*case.args)
    return value, gradients, text


@parametrized
def test_value_and_gradient(case):
    before = copy.deepcopy(case.args)
    plain = case.call(case.fun, copy.deepcopy(case.args))
    derived = cr.value_and_grad(case.fun, case.wrt_names)
    value, gradients = case.call(derived, case.args)
    ints = any(isinstance(leaf, int) for i in case.wrt for _, leaf in support.leaves(case.args[i]))
    if ints:  # Python ints count as floats where they are differentiated
        assert value == pytest.approx(plain, rel=1e-15)
    else:
        assert support.same_bits(value, plain)
    assert support.same_bits(case.args, before), "an argument was changed"
    for i, gradient in zip(case.wrt, gradients, strict=True):
        compare(case, i, gradient)
    again = case.call(derived, case.args)
    assert support.same_bits(again, (value, gradients)), "a second call differs"


def compare(case, argnum, gradient):
    """Every floating-point leaf of a gradient against numeric differentiation."""
    argument = case.args[argnum]
    ours = dict(support.leaves(gradient))
    for path, leaf in support.leaves(argument):
        if not (support.is_float(leaf) or type(leaf) is int):
            continue

        def along(x, path=path):
            args = list(copy.deepcopy(case.args))
            args[argnum] = support.with_leaf(args[argnum], path, x)
            return case.call(case.fun, args)

        leaf = float(leaf) if type(leaf) is int else leaf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            numeric, error = numeric_gradient_with_error(along, (leaf,))
        check(ours[path], numeric, error, leaf, f"{case.names[argnum]}{path}")


def check(ours, numeric, error, leaf, where):
    assert np.shape(ours) == np.shape(leaf), where
    assert isinstance(ours, np.ndarray) == isinstance(leaf, np.ndarray), where
    single = np.asarray(leaf).dtype in (np.float32, np.complex64)
    if isinstance(leaf, np.ndarray | np.generic):
        assert ours.dtype == leaf.dtype, where
    scale = float(np.max(np.abs(numeric), initial=0.0))
    tolerance = (2e-3 if single else 1e-6) * scale + 20 * np.asarray(error) + 1e-9
    assert np.all(np.abs(ours - numeric) <= tolerance), f"{where}: {ours}, but {numeric} +- {error}"
    assert np.all(np.asarray(error) <= (0.3 if single else 1e-4) * scale + 1e-6), f"{where}: unsure"


@parametrized
def test_options_change_no_answer(case):
    value, gradients, text = gradients_of(case)
    assert gradients_of(case)[2] == text, "not the same bytes"
    other, plain, _ = gradients_of(case, simplify=False)
    assert support.same_bits(value, other)
    for ours, theirs in zip(support.leaves(gradients), support.leaves(plain), strict=True):
        close(ours[1], theirs[1])
    teach_value, teach, _ = gradients_of(case, style="teach")
    assert support.same_bits(value, teach_value)
    for ours, theirs in zip(support.leaves(gradients), support.leaves(teach), strict=True):
        close(ours[1], theirs[1])


def close(ours, theirs):
    if support.is_float(ours):
        single = np.asarray(ours).dtype in (np.float32, np.complex64)
        tolerance = 1e-4 if single else 1e-10
        scale = float(np.max(np.abs(theirs), initial=0.0))
        assert np.all(np.abs(ours - theirs) <= tolerance * scale + 1e-12)


@parametrized
def test_standalone_file(case):
    """The file that `chainrule build` writes: it runs alone, and gives the same gradients."""
    args, kwargs = case.bound.args, case.bound.kwargs
    primal, names = staging.primal_for(case.fun, args, kwargs, None, case.wrt_names)
    text = staging.standalone_module(primal, names, pipeline.Options()).text
    assert "chainrule" not in text.split("\n", 1)[1]
    scope = {"__name__": "standalone"}
    exec(compile(text, "standalone.py", "exec"), scope)
    name = primal.function.name
    fused, forward, backward = (
        scope[f"{name}_{part}"] for part in ("value_and_grad", "forward", "backward")
    )
    given = [support.to_float(a) if i in case.wrt else a for i, a in enumerate(case.args)]
    _, ours = case.call(cr.value_and_grad(case.fun, case.wrt_names), case.args)
    _, found = fused(*given)
    assert support.same_bits(found if len(case.wrt) > 1 else (found,), ours)
    _, saved = forward(*given)
    for mine, other in zip(support.leaves(backward(1.0, saved)), support.leaves(ours), strict=True):
        close(mine[1], other[1])


# -- autograd ------------------------------------------------------------------------------------

# What autograd gets wrong or cannot do with code that it does not refuse.
AUTOGRAD_DIFFERS = {
    "em_step": "its /= makes a new array",
    "row_ops": "its -= makes a new array",
    "slices_list": "its *= makes a new array",
    "concat_loop": "its concatenate drops the gradient of a list in the list",
    "lms": "it keeps arrays by reference that are written later",
    "enum_compared": "its copy of the module has an enum of its own",
    "isinst": "its arrays are no arrays of NumPy",
    "dict_alias": "its += makes a new array",
    "dict_shallow_copy": "its += makes a new array",
    "two_flags": "its bools are not True",
    "operator_on_an_alias": "autograd's += makes a new array",
    "constructed": "its full_like drops the gradient of the fill value",
    "norms": "its norm along an axis loses keepdims",
    "contrastive": "its norm along an axis loses keepdims",
    "nuclear_like": "its norm of order inf gives nan",
    "column_or_row": "it does not see writes through views",
    "seen_in_list": "it does not see writes through views",
    "while_view": "it does not see writes through views",
    "mgs_right": "it does not see writes through views",
    "rows_view_elimination": "it does not see writes through views",
    "chosen_by_if": "it does not see writes through views",
    "view_or_copy": "it does not see writes through views",
    "chosen_in_loop": "it does not see writes through views",
}


def with_autograd(module):
    """The module again, with autograd's NumPy in place of NumPy."""
    twin = load(module.__file__, module.__name__)
    for name, value in list(vars(twin).items()):
        if value is np:
            setattr(twin, name, autograd.numpy)
        elif getattr(value, "__name__", "") == "numpy.linalg":
            setattr(twin, name, autograd.numpy.linalg)
        elif getattr(value, "__name__", "") == "scipy.special":
            setattr(twin, name, autograd.scipy.special)
    return twin


TWINS = {module.__name__: with_autograd(module) for module in MODULES}


def autograd_gradient(case, fun, argnum):
    def along(argument):
        args = list(case.args)
        args[argnum] = argument
        return case.call(fun, args)

    return autograd.grad(along)(case.args[argnum])


@parametrized
def test_against_autograd(case):
    module, name, number = case.id.split("-")
    if name in AUTOGRAD_DIFFERS:
        pytest.skip(AUTOGRAD_DIFFERS[name])
    fun = TWINS[module].EXAMPLES[int(number)][0]
    _, ours = case.call(cr.value_and_grad(case.fun, case.wrt_names), case.args)
    for i, gradient in zip(case.wrt, ours, strict=True):
        if not all(map(support.is_float, (leaf for _, leaf in support.leaves(case.args[i])))):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = autograd_gradient(case, fun, i)
        except Exception as error:
            pytest.skip(f"autograd: {type(error).__name__}: {error}"[:80])
        pairs = zip(support.leaves(gradient), support.leaves(theirs), strict=True)
        for (_, mine), (_, other) in pairs:
            assert np.shape(mine) == np.shape(other)
            close(mine, np.asarray(other))
