"""The command line: `chainrule show`, `chainrule build`, `chainrule check`.

Exit codes: 0 all is well; 1 a check failed; 2 the call makes no sense, or a function is refused.
"""

from __future__ import annotations

import difflib
import functools
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar, cast, get_args

import typer

from ._version import __version__
from .errors import SignatureError, UnsupportedError
from .explain.data import as_data
from .explain.stages import Explained, Staged
from .explain.terminal import table
from .explain.values import typed
from .frontend.root import bind_arguments
from .pipeline import Options, Style
from .staging import primal_for, stages, standalone_module
from .targets import Target, UsageError, arguments_of, find_target, names_of
from .testing import check as checking

FAILED: Final = 1
REFUSED: Final = 2

F = TypeVar("F", bound=Callable[..., None])

app = typer.Typer(
    name="chainrule",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Exact gradients of ordinary Python functions, written as Python that a person can read.",
)


# -- options -------------------------------------------------------------------------------------

FileTarget = Annotated[str, typer.Argument(metavar="FILE:FUNC", help="A function of a file.")]
AnyTarget = Annotated[
    str, typer.Argument(metavar="TARGET", help="FILE:FUNC, or an expression in quotes.")
]
At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="x=3", help="Values of arguments: x=3,y=-4 or w=[[1,2],[3,4]]."),
]
Signature = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help="Kinds and shapes instead: 'W: f64[h,d], x: f64[d]'."),
]
Wrt = Annotated[
    str | None,
    typer.Option(metavar="x,y", help="Arguments to differentiate by; all floating ones if absent."),
]
StyleOption = Annotated[
    str,
    typer.Option(
        "--style", metavar="lean|teach", help="teach spells out local times upstream gradient."
    ),
]
Picture = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write the circuit there; - prints it.")
]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chainrule {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Run what is asked for; see the commands."""


# -- errors --------------------------------------------------------------------------------------


def _stop(text: str) -> NoReturn:
    typer.echo(text, err=True)
    raise typer.Exit(REFUSED)


def _reporting(command: F) -> F:
    """Turn errors into what a person wants to read; only a bug of ours shows a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SyntaxError as error:
            here = f"{Path.cwd()}{os.sep}"
            error.filename = (error.filename or "").removeprefix(here) or None
            lines = traceback.format_exception_only(error)
            _stop("".join(lines).replace("chainrule.errors.", "").rstrip())
        except (UsageError, TypeError) as error:
            if _is_bug(error):
                raise
            _stop(f"error: {error}")

    return run  # type: ignore[return-value]


def _is_bug(error: Exception) -> bool:
    """A TypeError that Python itself raised inside chainrule, not one of our messages."""
    if not isinstance(error, TypeError) or error.__traceback__ is None:
        return False
    *_, last = traceback.walk_tb(error.__traceback__)
    source = traceback.extract_tb(error.__traceback__)[-1].line or ""
    inside = str(Path(__file__).parent) in last[0].f_code.co_filename
    return inside and not source.startswith("raise")


@contextmanager
def _running(target: Target) -> Iterator[None]:
    """What the user's function raises for the values is told with its place."""
    try:
        yield
    except (UnsupportedError, SignatureError):
        raise
    except Exception as error:
        given = ", ".join(f"{name} = {typed(value)}" for name, value in target.values.items())
        where = " ".join((traceback.extract_tb(error.__traceback__)[-1].line or "").split())
        name = getattr(target.fun, "__name__", "the function")
        text = f"error: {name} raises {type(error).__name__} at {given}: {error}"
        _stop(f"{text}\n    {where}" if where else text)


# -- commands ------------------------------------------------------------------------------------

_SHOW: Final = """\b
Examples:
  chainrule show examples/staged.py:f --at x=3 --at y=-4
  chainrule show '(x + sigmoid(y)) / (sigmoid(x) + (x + y)**2)' --at x=3,y=-4
  chainrule show 'sum((W @ x)**2)' --at 'W=[[1,2],[3,4]],x=[5,6]' --svg out.svg
"""


@app.command(epilog=_SHOW)
@_reporting
def show(
    target: AnyTarget,
    at: At = None,
    signature: Signature = None,
    wrt: Wrt = None,
    style: StyleOption = "lean",
    source: Annotated[bool, typer.Option("--source", help="Print the Python source.")] = False,
    svg: Picture = None,
    dot: Picture = None,
    mermaid: Picture = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the stages as JSON.")] = False,
) -> None:
    """Print the stages of a function.

    Forward stages come with their values and backward stages with their gradients. Without values
    (--at), an expression is one of numbers, and a function is one of what its annotations say.
    """
    found = find_target(target, at or [], signature)
    staged = _staged(found, wrt, _style(style))
    run = None
    if found.values:
        with _running(found):
            run = staged.explain(**found.values)
    drawn = run if run is not None else staged
    pictures = [(svg, drawn.to_svg), (dot, drawn.to_dot), (mermaid, drawn.to_mermaid)]
    for path, draw in pictures:
        if path is not None:
            _write(path, draw())
    if any(path == "-" for path, _ in pictures):
        return
    if as_json:
        typer.echo(json.dumps(as_data(staged, run), indent=2, ensure_ascii=False))
    elif source:
        _print_source(staged.source())
    else:
        _print_table(staged, run)


_BUILD: Final = """\b
Examples:
  chainrule build examples/staged.py:f --at x=3,y=-4 -o out.py
  chainrule build net.py:D --signature 'W: f64[h,d], X: f64[d,n]' -o out.py
  chainrule build examples/staged.py:f --at x=3,y=-4 -o out.py --check
"""


@app.command(epilog=_BUILD)
@_reporting
def build(
    target: FileTarget,
    wrt: Wrt = None,
    at: At = None,
    signature: Signature = None,
    style: StyleOption = "lean",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - prints it.")
    ] = "-",
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if FILE is not up to date.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what changes.")] = False,
) -> None:
    """Write a module that needs only NumPy.

    It has a forward function, a backward function, and both in one. Without --at and --signature,
    the annotations of the function say what the arguments are.
    """
    found = find_target(target, at or [], signature)
    _complete(found)
    primal, names = primal_for(found.fun, (), found.values, found.signature, names_of(wrt))
    text = standalone_module(primal, names, Options(style=_style(style))).text
    if not (check or diff):
        _write(output, text)
        return
    if output == "-":
        raise UsageError("--check and --diff compare with a file: give it with -o FILE")
    path = Path(output)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if old == text:
        return
    changes = difflib.unified_diff(
        old.splitlines(keepends=True), text.splitlines(keepends=True), output, f"{output} (built)"
    )
    typer.echo("".join(changes), nl=False)
    if check:
        missing = "is missing" if not path.exists() else "is not up to date"
        typer.echo(f"{output} {missing}", err=True)
        raise typer.Exit(FAILED)


@app.command(epilog="\b\nExample:\n  chainrule check examples/staged.py:f --at x=3,y=-4")
@_reporting
def check(target: AnyTarget, at: At = None, wrt: Wrt = None) -> None:
    """Compare with numeric differentiation.

    The table has the worst entry of each gradient; the exit code is 1 where one differs.
    """
    found = find_target(target, at or [], None)
    if not found.values:
        raise UsageError("give values to check at: --at x=3,y=-4")
    _complete(found)
    _, names = primal_for(found.fun, (), found.values, None, names_of(wrt))
    bound = bind_arguments(found.fun, (), found.values)
    with _running(found):
        compared = checking.compare(found.fun, list(bound.values()), wrt=names)
    typer.echo(checking.table(compared))
    wrong = [c for c in compared if not c.agrees]
    if wrong:
        worst = max(wrong, key=lambda c: c.error)
        entry = f"{worst.path}[{', '.join(map(str, worst.worst))}]" if worst.worst else worst.path
        typer.echo(f"\nthe gradient is wrong: the worst entry is that of {entry}")
        raise typer.Exit(FAILED)
    typer.echo("\nall gradients agree with numeric differentiation")


# -- parts of commands ---------------------------------------------------------------------------


def _style(text: str) -> Style:
    if text in get_args(Style):
        return cast(Style, text)
    raise UsageError(f"--style {text}: it is lean or teach")


def _complete(found: Target) -> None:
    """Refuse values for some arguments only, and for what is none."""
    names, missing = arguments_of(found.fun, found.values)
    if unknown := [name for name in found.values if name not in names]:
        raise UsageError(f"there is no argument {unknown[0]}; there is {', '.join(names)}")
    if missing and found.values:
        raise UsageError(f"no value for {', '.join(missing)}: --at {missing[0]}=...")


def _staged(found: Target, wrt: str | None, style: Style) -> Staged:
    _complete(found)
    names = names_of(wrt)
    if found.signature is not None:
        return stages(found.fun, wrt=names, signature=found.signature, style=style)
    return stages(found.fun, wrt=names, style=style, **found.values)


def _write(path: str, text: str) -> None:
    """Write a file all at once, or to standard output."""
    if path == "-":
        typer.echo(text, nl=not text.endswith("\n"))
        return
    place = Path(path)
    try:
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask()
        handle, draft = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(draft, mode)
        os.replace(draft, place)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _in_colour() -> bool:
    """On a terminal, unless NO_COLOR is set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _print_table(staged: Staged, run: Explained | None) -> None:
    shown = table(staged, run)
    if _in_colour():
        from rich.console import Console

        Console(highlight=False).print(shown.styled(), soft_wrap=True)
    else:
        typer.echo(shown.plain())


def _print_source(text: str) -> None:
    if _in_colour():
        from rich.console import Console
        from rich.syntax import Syntax

        Console().print(Syntax(text, "python", theme="ansi_dark", background_color="default"))
    else:
        typer.echo(text, nl=False)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except Exception:
        traceback.print_exc()
        shown = " ".join(sys.argv[1:])
        typer.echo(f"\nThis is a bug in chainrule {__version__}: chainrule {shown}", err=True)
        sys.exit(REFUSED)
