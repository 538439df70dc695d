"""What the command line means: targets and values."""

import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import UnsupportedError
from chainrule.targets import (
    UsageError,
    arguments_of,
    find_target,
    load_function,
    names_of,
    parse_values,
)

FILE = """
import helper_beside_it
from dataclasses import dataclass

@dataclass
class Model:
    w: float

def f(x, y=2.0):
    return helper_beside_it.double(x) * y

number = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "helper_beside_it.py").write_text("def double(x):\n    return 2 * x\n")
    path = tmp_path / "user_file.py"
    path.write_text(FILE)
    return path


def test_values() -> None:
    found = parse_values(["x=3,y=-4.5", "w=[[1,2],[3,4]]", "mode='a,b'", "p=(1,[2,3]),flag=True"])
    assert found["x"] == 3
    assert type(found["x"]) is int
    assert found["y"] == -4.5
    np.testing.assert_array_equal(found["w"], [[1.0, 2.0], [3.0, 4.0]])
    assert found["w"].dtype == np.float64
    assert found["mode"] == "a,b"
    assert found["flag"] is True
    assert found["p"][0] == 1
    np.testing.assert_array_equal(found["p"][1], [2.0, 3.0])
    assert parse_values(["p={'W':[1,2]}"])["p"]["W"].shape == (2,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3", "write x=3"), ("x=", "write x=3"), ("x", "write x=3"), ("**x", "write x=3"),
        ("x=3)(", "write x=3"), ("x=y", "a value is a number"), ("x=[1,[2]]", "rows of one length"),
        ("x=__import__('os')", "a value is a number"), ("x=['a']", "a list has numbers"),
    ],
)  # fmt: skip
def test_values_that_are_none(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_values([text])


def test_a_name_twice() -> None:
    with pytest.raises(UsageError, match="gives x twice"):
        parse_values(["x=1", "x=2"])


def test_a_function_of_a_file(file: Path) -> None:
    path = list(sys.path)
    found = find_target(f"{file}:f", ["x=3"], None)
    assert found.fun(3.0) == 12.0
    assert found.values == {"x": 3}
    assert sys.path == path


def test_a_file_may_be_called_like_a_module_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "math.py"
    path.write_text("def f(x):\n    return x\n")
    assert load_function(path, "f")(2.0) == 2.0
    assert sys.modules["math"].pi > 3


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("{}", "which function"), ("{}:g", "has no g; it has f"), ("{}:Model", "is a class"),
        ("{}:number", "number is not a function"), ("no_such.py:f", "no file no_such.py"),
        ("a:b", "which function"),
    ],
)  # fmt: skip
def test_targets_that_are_none(file: Path, target: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_target(target.format(file), [], None)


def test_a_file_that_fails_says_where(tmp_path: Path) -> None:
    path = tmp_path / "fails.py"
    path.write_text("x = 1\n\ny = x / 0\n")
    with pytest.raises(UsageError, match=r"fails.py:3: ZeroDivisionError: division by zero"):
        load_function(path, "f")
    assert "fails" not in sys.modules
    path.write_text("def f(:\n")
    with pytest.raises(SyntaxError):
        load_function(path, "f")


def test_an_expression() -> None:
    found = find_target("x * y", [], None)
    assert found.signature == "x: float, y: float"
    assert find_target("x * y", ["x=3,y=4"], None).values == {"x": 3.0, "y": 4.0}
    assert find_target("sum(x)", [], "x: f64[n]").fun(np.ones(3)) == 3.0
    with pytest.raises(UnsupportedError):
        find_target("x.y", [], None)


def test_a_signature_says_what_a_list_is() -> None:
    found = find_target("sum(x)", ["x=[1,2]"], "x: f32[n]")
    assert found.values["x"].dtype == np.float32


def test_names_and_arguments() -> None:
    assert names_of(None) is None
    assert names_of("x, y") == ("x", "y")
    assert arguments_of(lambda x, *more, k, n=1: x, {"x": 1}) == (["x", "k", "n"], ["k"])
