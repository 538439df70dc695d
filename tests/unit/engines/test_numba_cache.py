"""Machine code that is kept between processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.engines import numba_cache

PROGRAM = """
import sys
import chainrule as cr
import model
from numba.core import event

compiled = []


class Count(event.Listener):
    def on_start(self, event):
        compiled.append(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event):
        pass


with event.install_listener("numba:compile", Count()):
    value, gradient = cr.value_and_grad(model.f, engine="numba")(3.0)
print(value, gradient, "compiled" if "f_value_and_grad" in compiled else "found")
"""

MODEL = """
import math

factor = 2.0


def helper(x):
    return x * x


def f(x):
    return factor * helper(x)
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "model.py").write_text(MODEL)
    source = str(Path(__file__).parents[3] / "src")
    env = {**os.environ, "CHAINRULE_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": source}
    env["PYTHONDONTWRITEBYTECODE"] = "1"

    def start():
        command = [sys.executable, "program.py"]
        return subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True)

    def finish(*processes):
        outputs = [p.communicate()[0].strip() for p in processes]
        assert all(p.returncode == 0 for p in processes)
        return outputs

    return start, finish, tmp_path / "model.py"


def test_two_processes_share_a_cold_cache_and_a_change_is_seen(run):
    start, finish, model = run
    cold = finish(start(), start())
    assert all(text.startswith("18.0 12.0 ") for text in cold)
    assert finish(start()) == ["18.0 12.0 found"]
    model.write_text(MODEL.replace("x * x", "x * x * x"))  # a callee
    assert finish(start()) == ["54.0 54.0 compiled"]
    model.write_text(MODEL.replace("2.0", "3.0"))  # a global is an argument of what is compiled
    assert finish(start()) == ["27.0 18.0 found"]


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path / "file"))
    assert numba_cache.load("x = 1\n", "f") is None
    module = numba_cache.load_uncached("x = y\n", "f", {"y": 2})
    assert module.x == 2


def test_a_module_has_its_own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path))
    one, two = numba_cache.load("x = 1\n", "f"), numba_cache.load("x = 2\n", "f")
    assert (one.x, two.x) == (1, 2)
    assert one is numba_cache.load("x = 1\n", "f")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".py", ".py"]


def test_a_damaged_file_is_written_again(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path))
    path = tmp_path / f"{numba_cache.module_name('f', 'x = 3')}.py"
    path.write_text("x = 4")
    assert numba_cache.load("x = 3", "f").x == 3
    assert path.read_text() == "x = 3"


def test_an_error_in_a_module_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        numba_cache.load("x = 1 / 0", "f")
    assert numba_cache.module_name("f", "x = 1 / 0") not in sys.modules
