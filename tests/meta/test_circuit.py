"""`docs/circuit.svg`, the picture of the README, is what the command line draws today.

It is drawn as a ladder, without Graphviz, whose layout differs between versions. To draw it again:

    python -m pytest tests/meta/test_circuit.py --update-golden
"""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from chainrule import cli

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "circuit.svg"


@pytest.fixture
def drawn(tmp_path, monkeypatch, capsys):
    """What `chainrule show examples/staged.py:f --at x=3 --at y=-4 --svg FILE` writes."""
    monkeypatch.setenv("PATH", "")
    path, target = tmp_path / "circuit.svg", f"{ROOT / 'examples' / 'staged.py'}:f"
    words = ["show", target, "--at", "x=3", "--at", "y=-4", "--svg", str(path)]
    cli.app(words, standalone_mode=False)
    capsys.readouterr()
    return path.read_text(encoding="utf-8")


def test_the_picture_is_up_to_date(drawn, request):
    if request.config.getoption("--update-golden", default=False):
        PICTURE.write_text(drawn, encoding="utf-8", newline="\n")
    assert PICTURE.read_text(encoding="utf-8") == drawn


def test_the_picture_shows_the_stages_and_the_forks(drawn):
    texts = ["".join(element.itertext()) for element in ET.fromstring(drawn).iter()]
    for stage in range(1, 9):
        assert f"({stage})" in texts
    assert texts.count("gradients add up") == 2  # x and y
    assert "2.06" in texts
    assert "1.592" in texts


def test_the_readme_shows_the_picture():
    assert "](docs/circuit.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
