"""The command line: golden texts, exit codes, errors as a person reads them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chainrule import __version__
from chainrule.cli import app

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parents[1] / "data" / "cli"
STAGED = "examples/staged.py:f"
EXPRESSION = "(x + sigmoid(y)) / (sigmoid(x) + (x + y)**2)"
AT = ("--at", "x=3", "--at", "y=-4")

GOLDEN_CASES = {
    "show_lean": ("show", STAGED, *AT),
    "show_teach": ("show", STAGED, *AT, "--style", "teach"),
    "show_expression": ("show", EXPRESSION, "--at", "x=3,y=-4"),
    "show_arrays": ("show", "sum((W @ x - y)**2) / 2", "--at", "W=[[1,2],[3,4],[5,6]]",
                    "--at", "x=[0.5,-1],y=[1,2,3]"),
    "show_signature": ("show", "sum((W @ x)**2)", "--signature", "W: f64[h,d], x: f64[d]"),
    "show_source": ("show", STAGED, *AT, "--source"),
    "build_staged": ("build", STAGED, "--at", "x=3,y=-4"),
    "build_product": ("build", "tests/data/cli/product.py:D"),
}  # fmt: skip

USER_FILE = """
import math
import numpy as np
import chainrule as cr

def scaled(x: float, w: "f64[n]"):
    return x * np.sum(w**2)

def loop(x, n):
    try:
        x = x**n
    except OverflowError:
        pass
    return x

def inverse(x, y):
    a = x - y
    return 1 / a

def wrong(x, w):
    return np.sum(cr.stop_gradient(w) * w * x)

def matrix(W):
    return W @ W
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a folder that has `user.py`."""
    (tmp_path / "user.py").write_text(USER_FILE)
    monkeypatch.chdir(tmp_path)

    def invoke(*args, code=0):
        result = CliRunner().invoke(app, list(args), catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return invoke


@pytest.mark.parametrize("name", GOLDEN_CASES)
def test_golden(name, request, monkeypatch):
    """Read a changed text as a person would before accepting it with `--update-golden`."""
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(app, list(GOLDEN_CASES[name]), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update-golden", default=False):
        path.write_text(result.stdout)
    assert result.stdout == path.read_text()


def test_the_table_is_that_of_the_seed():
    """Statement by statement: 1 to 8 forward, 8 to 1 backward, = first and += later."""
    lines = (GOLDEN / "show_lean.txt").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("backward"))
    forward, backward = lines[3 : start - 1], lines[start + 1 : lines.index("", start)]
    names = ["sigy", "num", "sigx", "xpy", "xpysqr", "den", "invden", "f"]
    assert [line.split()[:2] for line in forward] == [
        [f"({i})", name] for i, name in enumerate(names, start=1)
    ]
    assert [line[:3] for line in backward if line[0] == "("] == [f"({i})" for i in range(8, 0, -1)]
    assert [" ".join(line[5:].split()[:2]) for line in backward] == [
        "dnum =", "dinvden =", "dden =", "dsigx =", "dxpysqr =", "dxpy =", "dx =", "dy =",
        "dx +=", "dx +=", "dsigy =", "dy +=",
    ]  # fmt: skip
    assert sum("forks: gradients add up" in line for line in backward) == 2


def test_an_expression_and_the_file_show_the_same():
    file = (GOLDEN / "show_lean.txt").read_text()
    assert (GOLDEN / "show_expression.txt").read_text() == file


def test_the_version_and_the_help(run):
    assert run("--version").stdout == f"chainrule {__version__}\n"
    for command in ("show", "build", "check"):
        shown = run(command, "--help").stdout
        assert f"chainrule {command} examples/staged.py:f" in shown
        assert "f64[" in shown or command == "check"


def test_json(run):
    data = json.loads(run("show", "x * y", "--at", "x=3,y=4", "--json").stdout)
    assert data["gradients"] == {"x": 4.0, "y": 3.0}
    assert [line["code"] for line in data["forward"]] == ["f = x * y"]


def test_pictures(run, tmp_path):
    pictures = ("--svg", "out.svg", "--dot", "out.dot", "--mermaid", "out.md")
    shown = run("show", "x * y", "--at", "x=3,y=4", *pictures).stdout
    assert shown.startswith("f(x, y) at x = 3, y = 4\n")
    assert (tmp_path / "out.svg").read_text().startswith("<svg ")
    assert (tmp_path / "out.dot").read_text().startswith("digraph ")
    assert "flowchart LR" in (tmp_path / "out.md").read_text()
    assert run("show", "x * y", "--mermaid", "-").stdout.startswith("---\n")


def test_wrt(run):
    shown = run("show", "x * y", "--at", "x=3,y=4", "--wrt", "y").stdout
    assert "dy = x" in shown
    assert "dx" not in shown


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("show", "user.py"), "which function"),
        (("show", "user.py:nothing"), "it has scaled, loop, inverse, wrong, matrix"),
        (("show", "x * y", "--at", "x=3"), "no value for y: --at y=..."),
        (("show", "x * y", "--at", "x=3,z=3"), "there is no argument z; there is x, y"),
        (("show", "x * y", "--style", "long"), "it is lean or teach"),
        (("show", "x * y", "--wrt", "z"), "f has no argument 'z'"),
        (("show", "user.py:inverse"), "x has no annotation"),
        (("show", "user.py:matrix", "--at", "W=[[1,2],[3,4]]"), "use chainrule.vjp"),
        (("show", "x * y", "--signature", "x: what"), "cannot read the type what"),
        (("show", "x * y", "--svg", "no/such/folder.svg"), "cannot write no/such/folder.svg"),
        (("build", "user.py:scaled", "--check"), "give it with -o FILE"),
        (("check", "user.py:inverse"), "give values"),
    ],
)
def test_usage_errors(run, args, said):
    result = run(*args, code=2)
    assert said in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_refusal_looks_like_a_syntax_error(run):
    result = run("show", "user.py:loop", "--at", "x=2,n=3", code=2)
    assert result.stderr.splitlines() == [
        '  File "user.py", line 10',
        "    try:",
        "    ^^^^",
        "UnsupportedError: try/except is not supported [CR034]",
        "help: test for the condition instead",
    ]
    result = run("show", "x * foo(y)", code=2)
    assert result.stderr.splitlines()[:4] == [
        '  File "<expression>", line 1',
        "    x * foo(y)",
        "        ^^^",
        "UnsupportedError: foo is not a known function [CR072]",
    ]


@pytest.mark.parametrize("command", ["show", "check"])
def test_what_the_function_raises_is_told_with_its_place(run, command):
    result = run(command, "user.py:inverse", "--at", "x=1,y=1", code=2)
    first, second = result.stderr.splitlines()
    assert first.startswith("error: inverse raises ZeroDivisionError at x = 1, y = 1: ")
    assert "1 / a" in second


def test_build_check_cycle(run, tmp_path):
    command = ("build", "user.py:scaled", "-o", "out.py")
    missing = run(*command, "--check", code=1)
    assert missing.stdout.startswith("--- out.py\n+++ out.py (built)\n")
    assert missing.stderr == "out.py is missing\n"
    assert run(*command).output == ""
    text = (tmp_path / "out.py").read_bytes()
    assert run(*command, "--check").output == ""
    assert run(*command, "--diff").output == ""
    assert run(*command).output == ""
    assert (tmp_path / "out.py").read_bytes() == text
    assert run("build", "user.py:scaled").stdout.encode() == text

    source = tmp_path / "user.py"
    source.write_text(source.read_text().replace("return 1 / a", "return 2 / a"))
    os.utime(source, (2, 2))
    assert run(*command, "--check").output == ""  # another function was edited
    source.write_text(source.read_text().replace("x * np.sum(w**2)", "x * np.sum(w**3)"))
    os.utime(source, (1, 1))  # not to be mistaken for the file that was compiled before
    changed = run(*command, "--check", code=1)
    assert "-# source: sha256 " in changed.stdout
    assert changed.stderr == "out.py is not up to date\n"
    assert run(*command, "--diff").stdout == changed.stdout
    assert (tmp_path / "out.py").read_bytes() == text
    run(*command)
    run(*command, "--check")
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".out.py")]


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_built_file_keeps_its_mode(run, tmp_path):
    run("build", "user.py:scaled", "-o", "out.py")
    assert (tmp_path / "out.py").stat().st_mode & 0o444 == 0o444
    (tmp_path / "out.py").chmod(0o600)
    run("build", "user.py:scaled", "-o", "out.py")
    assert (tmp_path / "out.py").stat().st_mode & 0o777 == 0o600


def test_check(run):
    good = run("check", "user.py:scaled", "--at", "x=2,w=[1,2,3]").stdout
    assert "all gradients agree" in good
    assert run("check", "user.py:matrix", "--at", "W=[[1,2],[3,4]]").exit_code == 0
    bad = run("check", "user.py:wrong", "--at", "x=2,w=[1,2,3]", code=1).stdout
    assert "WRONG" in bad
    assert "worst entry is that of w[" in bad
    only = run("check", "user.py:wrong", "--at", "x=2,w=[1,2,3]", "--wrt", "x").stdout
    assert "WRONG" not in only


def test_colours_on_a_terminal_only():
    """With a terminal on standard output there are colours, unless NO_COLOR is set."""

    def shown(**more):
        ours, theirs = pty.openpty()
        code = "from chainrule.cli import main; main()"
        command = [sys.executable, "-c", code, "show", "x * y", "--at", "x=3,y=4"]
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        environment |= {"TERM": "xterm-256color", **more}
        subprocess.run(command, stdout=theirs, env=environment, check=True, timeout=60)
        os.close(theirs)
        text = b""
        try:
            while chunk := os.read(ours, 65536):
                text += chunk
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        return text.decode()

    assert "\x1b[" in shown()
    assert "\x1b[" not in shown(NO_COLOR="1")


def test_a_bug_of_ours_says_so(monkeypatch, capsys):
    from chainrule import cli

    def broken(*args, **kwargs):
        raise AssertionError("impossible")

    monkeypatch.setattr(cli, "find_target", broken)
    monkeypatch.setattr(sys, "argv", ["chainrule", "show", "x * y"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 2
    assert "This is a bug in chainrule" in capsys.readouterr().err
