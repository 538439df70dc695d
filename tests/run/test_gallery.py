"""The examples of the gallery run, find what they should, and have a picture and a place on the page."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "examples" / "gallery"
NAMES = sorted(path.stem for path in GALLERY.glob("*.py") if path.stem != "picture")

# What is printed, and the limits of the numbers in it.
WANTED = {
    "gaussian_process": (r"noise +([0-9.]+)", (0.15, 0.25)),
    "hidden_markov": (r"the right die in (\d+)%", (75, 100)),
    "kalman": (r"force +([0-9.]+)", (1.2, 2.0)),
    "neural_ode": (r"([0-9.]+) after", (0.0, 0.02)),
    "rosenbrock": (r"trust-exact.*off by ([0-9.e-]+)", (0.0, 1e-6)),
    "variational": (r"([0-9.]+) at the end", (1.7, 1.9)),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("default")
def test_an_example(name, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [name])
    monkeypatch.syspath_prepend(GALLERY)
    spec = importlib.util.spec_from_file_location(name, GALLERY / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main()
    pattern, (low, high) = WANTED[name]
    found = re.search(pattern, capsys.readouterr().out)
    assert low <= float(found[1]) <= high


def test_each_has_a_picture_and_a_place():
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    shown = re.findall(r"\(gallery/(\w+)\.svg\)", page)
    assert sorted(shown) == NAMES == sorted(WANTED)
    assert all((ROOT / "docs" / "gallery" / f"{name}.svg").exists() for name in NAMES)
    made = re.search(r"^GALLERY := (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert made[1].split() == NAMES
