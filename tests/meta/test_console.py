"""Every console block of the README and the documentation prints what it says.

In a block marked `console`, a line that begins with `$ ` is a command, and the lines up to the next
one are what it prints. The commands of a page run one after another in one folder, which has the
project's `examples/`. Three commands are known:

    $ chainrule ...     is run
    $ cat FILE          prints a file of the project, or writes one that later commands use
    $ echo $?           prints the exit code of the last `chainrule`
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page):
    """The commands of a page, each with what it should print."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n")


PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    if any(commands(page))
]


def chainrule(words, folder):
    """Run the command line: without colours, and without Graphviz, whose versions differ."""
    return subprocess.run(
        [sys.executable, "-c", "from chainrule.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "PATH": "", "NO_COLOR": "1", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def plain(text):
    """The text without rounding errors, such as 5.8e-14, which differ between machines."""
    return re.sub(r"\b\d\.\de-1\d\b", "<rounding>", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_console(page, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    code = 0
    for command, expected in commands(page):
        words = shlex.split(command)
        if words[0] == "chainrule":
            done = chainrule(words[1:], tmp_path)
            code, printed = done.returncode, done.stdout.rstrip("\n")
            assert code in (0, 1, 2), printed
        elif words[0] == "cat" and (tmp_path / words[1]).exists():
            printed = (tmp_path / words[1]).read_text(encoding="utf-8").rstrip("\n")
        elif words[0] == "cat":
            (tmp_path / words[1]).write_text(f"{expected}\n", encoding="utf-8")
            continue
        else:
            assert command == "echo $?", f"{page.name}: what is {command}?"
            printed = str(code)
        assert plain(printed) == plain(expected), f"$ {command}"


def test_there_are_pages():
    assert ROOT / "README.md" in PAGES
