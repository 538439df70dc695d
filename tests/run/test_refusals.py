"""Golden refusals: what a person reads when code is not supported.

A file in `tests/data/refusals` holds cases such as

    === a name
    # args: 1.0, np.ones(3)
    def f(x, y):
        ...
    ---
    3:8: what is refused [CR012]
        z = x + None
            ^^^^^^^^
    help: what to do instead

`args` are the arguments of the last function (`1.0` when left out), `wrt` what it is derived by,
`fun` an expression for the function instead of the last one, `stages` a signature for `cr.stages`;
with `mode` it is forward mode.
`--update-golden` rewrites what follows `---`.
"""

import functools
import importlib.util
import itertools
import linecache
import math
import re
import traceback
from pathlib import Path

import numpy as np
import pytest
import scipy

import chainrule as cr
from chainrule import pipeline, staging

FOLDER = Path(__file__).parents[1] / "data" / "refusals"
FILES = sorted(FOLDER.glob("*.test"))

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)


class Case:
    """One case: its name, options, source text, and the expected message."""

    def __init__(self, block):
        self.name, _, rest = block.partition("\n")
        self.head, _, self.expected = rest.partition("---\n")
        lines = self.head.splitlines(keepends=True)
        count = 0
        while count < len(lines) and re.match(r"# \w+: ", lines[count]):
            count += 1
        self.options = dict(line[2:].strip().split(": ", 1) for line in lines[:count])
        self.source = "".join(lines[count:])


def read(path):
    return [Case(block) for block in path.read_text().split("=== ")[1:]]


CASES = [(path, case) for path in FILES for case in read(path)]


def message_of(case):
    """The text of the error that the case ends in."""
    scope = {"np": np, "math": math, "cr": cr, "scipy": scipy, "functools": functools}
    scope["itertools"] = itertools
    before = set(scope) | {"__name__", "__builtins__"}
    scope = support.functions(case.source, **scope)
    made = [v for k, v in scope.items() if k not in before and callable(v)]
    fun = eval(case.options["fun"], scope) if "fun" in case.options else made[-1]
    args = eval(f"({case.options.get('args', '1.0')},)", scope)
    wrt = eval(case.options.get("wrt", "0"), scope)

    def ask():
        if "stages" in case.options:
            return cr.stages(fun, signature=case.options["stages"])
        if "standalone" in case.options:
            primal, names = staging.primal_for(fun, args, {}, None, None)
            return staging.standalone_module(primal, names, pipeline.Options())
        if "sparse" in case.options:
            return cr.jacobian(fun, sparse=True)(*args)
        if "mode" in case.options:
            return cr.jvp(fun, args, [None if type(a) is int else a for a in args])
        return cr.value_and_grad(fun, wrt)(*args)

    with pytest.raises((cr.UnsupportedError, TypeError)) as raised:
        ask()
    return shown(raised.value)


def shown(error):
    """`line:column: message`, the source line, a caret, and the notes."""
    notes = "".join(f"{note}\n" for note in getattr(error, "__notes__", ()))
    if not isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}\n"
    if error.lineno is None:
        return f"{error.msg}\n{notes}"
    line = linecache.getline(error.filename, error.lineno).rstrip()
    assert error.text.rstrip() == line
    text = line.lstrip()
    start, end = error.offset - 1, error.end_offset - 1
    caret = " " * (start - (len(line) - len(text))) + "^" * (end - start)
    return f"{error.lineno}:{error.offset}: {error.msg}\n    {text}\n    {caret}\n{notes}"


@pytest.mark.parametrize(
    ("path", "case"), CASES, ids=[f"{p.stem}-{c.name.replace(' ', '_')}" for p, c in CASES]
)
def test_refusal(path, case, request):
    found = message_of(case)
    if request.config.getoption("--update-golden", default=False):
        update(path, case, found)
        return
    assert found == case.expected.rstrip("\n") + "\n"


def update(path, case, found):
    blocks = path.read_text().split("=== ")
    for i, block in enumerate(blocks):
        if block.startswith(f"{case.name}\n"):
            gap = "\n" if i < len(blocks) - 1 else ""
            blocks[i] = f"{case.name}\n{case.head}---\n{found}{gap}"
    path.write_text("=== ".join(blocks))


def test_python_draws_the_line_with_a_caret():
    fun = support.functions("def f(x):\n    y = x + None\n    return y\n")["f"]
    with pytest.raises(cr.UnsupportedError) as raised:
        cr.grad(fun)(1.0)
    text = "".join(traceback.format_exception_only(raised.value))
    assert "line 2\n    y = x + None\n        ^^^^^^^^\n" in text
    assert raised.value.code == "CR012"


def test_nothing_runs_before_a_refusal(capsys):
    source = "def f(x):\n    print('ran')\n    try:\n        return x\n    finally:\n        pass\n"
    with pytest.raises(cr.UnsupportedError):
        cr.grad(support.functions(source)["f"])(1.0)
    assert capsys.readouterr().out == ""


def test_messages_name_no_address_and_no_file_of_ours():
    for _, case in CASES:
        assert "0x" not in case.expected
        assert "chainrule/" not in case.expected


def test_every_code_has_a_case():
    """The codes of refusals in the source, and those that have a case."""
    source = Path(cr.__file__).parent
    written = {
        code
        for path in [*source.rglob("*.py")]
        if path.name not in ("board.py", "errors.py")
        and path.parent.name not in ("compiled", "lowering")  # with tests of their own
        for code in re.findall(r'"(CR\d+)"', path.read_text())
    }
    shown_codes = {code for _, case in CASES for code in re.findall(r"\[(CR\d+)\]", case.expected)}
    # CR019: constructs of a later Python; CR050: a PrimalRaises that the function does not confirm;
    # CR051: deeper than a parser goes; CR053: types that do not settle.
    assert written - shown_codes <= {"CR019", "CR050", "CR051", "CR053"}
