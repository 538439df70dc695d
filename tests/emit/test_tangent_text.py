"""Golden texts of forward mode: a function in `tests/data/tangents/*.test`, then what is emitted.

The options are those of `test_golden.py`; with `second` it is the tangent of the gradient.
"""

import importlib.util
from pathlib import Path

import pytest

from chainrule import pipeline, staging
from chainrule.emit.module import emit_module

HERE = Path(__file__).parent
FOLDER = HERE.parent / "data" / "tangents"
CASES = sorted(FOLDER.glob("*.test"))

_spec = importlib.util.spec_from_file_location("golden", HERE / "test_golden.py")
golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(golden)


def emitted(source, options, name):
    fun = golden.define(source, name)
    wrt = tuple(options["wrt"].split(",")) if "wrt" in options else None
    primal, names = staging.primal_for(fun, (), {}, options["signature"], wrt)
    if "second" in options:
        program = pipeline.gradient_tangent(primal, names, pipeline.Options(verify=True))
        root = staging.hessian_root(program, len(names) == 1)
    else:
        program = pipeline.pushforward(primal, names, pipeline.Options(verify=True))
        root = staging.pushforward_root(program)
    return emit_module([root]).text


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_emitted_text(path, request):
    source, options, expected = golden.read(path)
    text = emitted(source, options, path.stem)
    if request.config.getoption("--update-golden", default=False):
        head = path.read_text().partition("---\n")[0]
        path.write_text(f"{head}---\n{text}")
        return
    assert text == expected
    assert emitted(source, options, path.stem) == text


def test_there_are_cases():
    assert len(CASES) >= 8
