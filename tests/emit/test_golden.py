"""Golden texts: what is emitted for a function and a signature, to the byte.

A case in `tests/data/emit/*.test` is a function, preceded by options, and the emitted module:

    # signature: W: f64[h,d], x: f64[d]
    def ...
    ---
    <the module>

Read a changed text as a person would before accepting it with `--update-golden`.
"""

import linecache
import math
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr

FOLDER = Path(__file__).parents[1] / "data" / "emit"
CASES = sorted(FOLDER.glob("*.test"))


def read(path):
    source, _, expected = path.read_text().partition("---\n")
    lines = source.splitlines(keepends=True)
    options = dict(
        line[2:].strip().split(": ", 1) for line in lines if line.startswith("# ") and ": " in line
    )
    return "".join(x for x in lines if not x.startswith("# ")), options, expected


def define(source, name):
    """Run the case's source as a file of its own and return the last function."""
    filename = f"<case {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    scope = {"np": np, "math": math, "cr": cr}
    before = set(scope)
    exec(compile(source, filename, "exec"), scope)
    functions = [v for k, v in scope.items() if k not in before and callable(v)]
    return functions[-1]


def emitted(source, options, name):
    fun = define(source, name)
    wrt = options.get("wrt")
    names = tuple(wrt.split(",")) if wrt else None
    return str(
        cr.stages(
            fun, signature=options["signature"], wrt=names, style=options.get("style", "lean")
        )
    )


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_emitted_text(path, request):
    source, options, expected = read(path)
    text = emitted(source, options, path.stem)
    if request.config.getoption("--update-golden", default=False):
        head = path.read_text().partition("---\n")[0]
        path.write_text(f"{head}---\n{text}")
        return
    assert text == expected


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_same_bytes_twice(path):
    source, options, _ = read(path)
    assert emitted(source, options, path.stem) == emitted(source, options, path.stem)


def test_there_are_cases():
    assert len(CASES) >= 20
