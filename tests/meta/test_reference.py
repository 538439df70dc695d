"""The reference lists the public functions with their signatures, and the codes of all refusals."""

import inspect
import re
from pathlib import Path

import chainrule as cr

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def stated():
    """The signatures in the reference, by name."""
    scope = {}
    for text in re.findall(r"^- `(\w+\([^`]*\))`:", PAGE, flags=re.MULTILINE):
        exec(f"def {text}: pass", scope)
    return {name: inspect.signature(fun) for name, fun in scope.items() if inspect.isfunction(fun)}


def actual(fun):
    """A signature without annotations."""
    found = inspect.signature(fun)
    parameters = [p.replace(annotation=p.empty) for p in found.parameters.values()]
    return found.replace(parameters=parameters, return_annotation=found.empty)


def test_every_function_is_in_the_reference():
    public = {n: getattr(cr, n) for n in cr.__all__}
    functions = {n: actual(f) for n, f in public.items() if inspect.isfunction(f)}
    assert stated() == functions
    assert all(f"`{name}`" in PAGE for name, value in public.items() if inspect.isclass(value))


def test_every_code_is_in_the_reference():
    listed = re.findall(r"^\| (CR\d{3}) \|", PAGE, flags=re.MULTILINE)
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    assert listed == sorted(set(listed))
    assert set(listed) == set(re.findall(r'"(CR\d{3})"', "\n".join(sources)))


def test_codes_of_the_language_are_those_of_the_reference():
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = page[page.index("## What is refused") :]
    first = re.findall(r"^\| ([^|]*) \|", table, flags=re.MULTILINE)
    listed = set(re.findall(r"CR\d{3}", " ".join(first)))
    codes = set(re.findall(r"^\| (CR\d{3}) \|", PAGE, flags=re.MULTILINE))
    assert listed <= codes
    # Of a language are neither files and command lines nor what a message has to explain by itself.
    own = {
        "CR013",
        "CR016",
        "CR018",
        "CR019",
        "CR023",
        "CR041",
        "CR043",
        "CR045",
        "CR050",
        "CR051",
        "CR053",
    }
    assert {code for code in codes if code < "CR060"} - listed <= own
