"""Kernels: what they are compiled for, and with which options."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import chainrule as cr
from chainrule.engines.numba_engine import Kernel, NotCompiled, Options, decorated, options_of

TEXT = """import math


def half(x):
    return x / 2


def total(A, s):
    t = 0.0
    for i in range(A.shape[0]):
        t += A[i] * s
    return t
"""


def kernel():
    namespace = {}
    exec(decorated(TEXT, ["half", "total"], None, Options()), namespace)
    return Kernel("total", namespace["total"], [("float64", 1), ("float64", None)])


def test_a_kernel_takes_contiguous_arrays_and_copies_of_others():
    total = kernel()
    x = np.arange(6.0)
    assert total.plain(x) is x
    assert total.run(x, 2.0) == 30.0
    with pytest.raises(TypeError):
        total.run(x[::2], 2.0)
    assert total.run(total.plain(x[::2]), 2.0) == 12.0
    unaligned = np.zeros(17, dtype=np.uint8)[1:].view(np.float64)
    assert total.run(total.plain(unaligned), 2.0) == 0.0
    assert len(total.run.signatures) == 1


def test_a_kernel_is_compiled_again_for_read_only_arrays():
    total = kernel()
    x = np.arange(6.0)
    x.flags.writeable = False
    assert total.plain(x) is x
    assert total.run(x, 2.0) == 30.0
    assert len(total.run.signatures) == 2


def test_decorators_and_options():
    options = Options(fastmath=frozenset({"nsz", "contract"}), boundscheck=True, nogil=True)
    text = decorated(TEXT, ["half", "total"], "total", options)
    own = "error_model='numpy', fastmath={'contract', 'nsz'}, boundscheck=True, nogil=True"
    assert f"@numba.njit({own}, **numba_pipeline.inner)\ndef half(x)" in text
    assert f"@numba.njit(cache=True, {own}, **numba_pipeline.kernel)\ndef total(A, s)" in text


def test_functions_that_call_each_other_are_compiled_alone():
    text = "".join(
        f"def {name}(n):\n    return {called}(n)\n\n\n"
        for name, called in [("a", "abs"), ("b", "c"), ("c", "b"), ("d", "a")]
    )
    lines = decorated(text, ["a", "b", "c", "d"], None, Options()).splitlines()
    how = [line.rpartition(".")[2] for line in lines if line.startswith("@")]
    assert how == ["inner)", "kernel)", "kernel)", "kernel)"]


def test_options_of_a_dispatcher():
    assert options_of(numba.njit(lambda x: x)) == Options(error_model="python")
    assert options_of(numba.njit(fastmath=True, boundscheck=True)(lambda x: x)) == Options(
        fastmath=True, error_model="python", boundscheck=True
    )
    assert options_of(abs) == Options()


def test_what_numba_refuses_is_an_error_of_ours():
    run = numba.njit(lambda x: x.nothing)
    with pytest.raises(NotCompiled) as caught:
        Kernel("f", run, [("float64", None)])
    assert isinstance(caught.value.__cause__, numba.TypingError)


def test_without_numba_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for make in (cr.compile, lambda f: cr.grad(f, engine="numba")):
        with pytest.raises(ImportError, match=r"chainrule\[numba\]"):
            make(lambda x: x)
    assert cr.grad(lambda x: x * x)(3.0) == 6.0


def test_numba_is_imported_when_it_is_needed():
    program = (
        "import math, sys, chainrule as cr\n"
        "assert cr.grad(math.sin, engine='numpy') and 'numba' not in sys.modules\n"
    )
    source = str(Path(cr.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": source})
    assert done.returncode == 0
