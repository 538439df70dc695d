"""Every public function of NumPy and `math` is decided, and the page that says how is up to date."""

import json
from pathlib import Path

import pytest

from chainrule.rules import outside
from chainrule.rules.registry import resolve_name
from chainrule.testing import coverage

DOCS = Path(__file__).parents[2] / "docs"


def test_every_public_function_is_decided():
    assert coverage.undecided() == []


@pytest.mark.parametrize("name", outside.REASONS)
def test_a_function_without_a_rule_exists(name):
    assert callable(resolve_name(name))


def test_the_page_is_up_to_date():
    peers = json.loads((DOCS / "peers.json").read_text())
    text = (DOCS / "coverage.md").read_text()
    assert text == coverage.page(peers), (
        "run python -m chainrule.testing.coverage > docs/coverage.md"
    )
