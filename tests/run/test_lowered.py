"""Lowered programs, run as plain Python, give the gradients of the NumPy engine: the whole corpus.

`CHAINRULE_NUMBA=1 pytest tests/run/test_lowered.py` compiles every program, which takes half an hour.
"""

import importlib.util
import os
import sys
import warnings
from pathlib import Path

import pytest

from chainrule.errors import UnsupportedError

HERE = Path(__file__).parent


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


support = load(HERE / "support.py", "support")
CASES = load(HERE / "test_corpus.py", "corpus_cases").CASES
# What the compiled engine refuses so far: complex numbers, functions that call themselves, names
# that are None until they are set.
REFUSED = ("calls itself", "operation is_none", "operation is_set", "of complex numbers", "Fourier")
COMPILED = CASES if os.environ.get("CHAINRULE_NUMBA") else CASES[7::49]


def right_or_refused(case):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            support.check_lowered(
                case.fun, case.bound.args, case.wrt_names, case.bound.kwargs, case.args
            )
    except UnsupportedError as error:
        if error.code != "CR075" or not any(what in error.message for what in REFUSED):
            raise
        pytest.skip(error.message)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_lowered_program_gives_the_same(case):
    right_or_refused(case)


@pytest.mark.parametrize("case", COMPILED, ids=[case.id for case in COMPILED])
def test_a_compiled_program_gives_the_same(case, monkeypatch):
    numba = pytest.importorskip("numba")
    plain = support.lowered

    def compiled(function):
        _, text, captured = plain(function)
        module = support.lowered_module(function)
        scope = {}
        exec(compile(text, f"<compiled {function.name}>", "exec"), scope)
        for name in module.functions:
            scope[name] = numba.njit(error_model="numpy")(scope[name])
        return scope[module.entry], text, captured

    monkeypatch.setattr(support, "lowered", compiled)
    right_or_refused(case)
