"""Lowered programs, run as plain Python, give the gradients of the NumPy engine: the whole corpus.

`CHAINRULE_NUMBA=1 pytest tests/run/test_lowered.py` compiles every program, which takes half an hour.
"""

import importlib.util
import os
import re
import sys
import warnings
from pathlib import Path

import pytest

from chainrule.errors import UnsupportedError
from chainrule.lowering.table import TABLE
from chainrule.rules.registry import OPS

HERE = Path(__file__).parent


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


support = load(HERE / "support.py", "support")
CASES = load(HERE / "test_corpus.py", "corpus_cases").CASES
RAISES = "everyday-powers"  # has 2**-k, an integer in machine code: the engine raises before
WITHOUT = [c for c in CASES if not c.id.startswith(RAISES)]
COMPILED = WITHOUT if os.environ.get("CHAINRULE_NUMBA") else WITHOUT[7::49]


PAGE = (HERE.parents[1] / "docs" / "compiled.md").read_text()


def listed(mark):
    """The names between two marks of the page of what is refused."""
    text = PAGE.partition(f"<!-- {mark} -->")[2].partition("<!-- end -->")[0]
    return set(re.findall(r"`([\w.]+)`", text))


def check(case):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            support.check_lowered(
                case.fun, case.bound.args, case.wrt_names, case.bound.kwargs, case.args
            )
    except UnsupportedError as error:
        known = case.fun.__name__ in listed("programs") or "Fourier" in error.message
        if error.code != "CR075" or not known:
            raise
        pytest.skip(error.message)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_lowered_program_gives_the_same(case):
    check(case)


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
    check(case)


def test_the_page_of_what_is_refused():
    assert listed("operations")
    assert listed("operations") <= set(OPS) - set(TABLE)
    refused = [c for c in CASES if c.id.startswith("fourier-")]
    refused += [c for c in CASES if c.fun.__name__ in listed("programs")]
    assert len(refused) < 0.04 * len(CASES), "the page says so"
