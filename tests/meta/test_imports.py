"""The order of the folders: data flows one way, so imports do."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "chainrule"
ALLOWED = {
    "ir": set(),
    "engines": set(),
    "rules": {"ir", "errors", "markers"},
    "frontend": {"ir", "rules", "errors", "markers"},
    "analysis": {"ir", "rules"},
    "simplify": {"ir", "rules"},
    "transform": {"ir", "rules", "frontend", "analysis", "simplify", "errors"},
    "emit": {"ir", "rules", "frontend", "analysis", "transform", "errors", "_version"},
    "lowering": {"ir", "rules", "analysis", "transform", "emit", "errors"},
    "explain": {"ir", "rules", "frontend", "emit", "engines", "errors", "pipeline"},
    "errors": {"ir"},
    "markers": set(),
    "pipeline": {"ir", "rules", "frontend", "analysis", "transform", "simplify", "emit", "errors"},
    "dispatch": {"rules", "frontend", "errors", "pipeline", "containers"},
    "sparse": {
        *("emit", "engines", "errors", "frontend", "transform", "pipeline", "dispatch", "staging"),
        *("containers", "api", "derivatives"),
    },
    "compiled": {
        *("ir", "rules", "frontend", "simplify", "transform", "emit", "lowering", "engines"),
        *("errors", "pipeline", "dispatch", "staging"),
    },
}


def modules():
    return sorted(SOURCE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The folders and top-level modules of ours that a module imports."""
    package = path.relative_to(SOURCE).parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = (*base, *(node.module or "").split(".")) if node.module else base
            names = [target] if node.module else [(*base, alias.name) for alias in node.names]
            found |= {name[0] for name in names if name}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chainrule"):
            found |= {(node.module or "").split(".")[1]} if "." in (node.module or "") else set()
    return found


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_imports_only_what_comes_before_it(folder):
    checked = 0
    for path in modules():
        parts = path.relative_to(SOURCE).parts
        if (parts[0] if len(parts) > 1 else path.stem) == folder:
            checked += 1
            assert imported(path) <= ALLOWED[folder] | {folder}, path
    assert checked


def test_the_intermediate_representation_stands_alone():
    for path in (SOURCE / "ir").glob("*.py"):
        assert imported(path) <= {"ir", *(p.stem for p in (SOURCE / "ir").glob("*.py"))}, path
