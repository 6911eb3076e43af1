"""``make mutate``: breaks the arithmetic of margin and the life of alerts in every small way, and asks the tests to notice.

What survives must be in ``tests/core/survivors.txt`` under the reason why it cannot be told from the original, and what is
in there must still survive. mutmut leaves decorated functions alone, yet half of the margin is properties; in the copy that
it works on a property is therefore a plain method behind a name.

``make mutate ARGS="monitor.core.margin.*"`` asks of the mutants of that name alone.
"""

import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
STAGE = ROOT / ".mutation"
EXPLAINED = ROOT / "tests/core/survivors.txt"
COPIED = ("monitor", "tests", "pyproject.toml")

KILLED = {1: "killed", 3: "killed", -24: "timed out", 24: "timed out", 36: "timed out", 152: "timed out", 255: "timed out"}
"""What mutmut 3.8 writes of a mutant that was noticed; anything else is a survivor."""

PROPERTY = re.compile(r"^    @(property|cached_property)\n    def (\w+)\(self\)", re.MULTILINE)
PLAIN = r"    \2 = \1(lambda self: self.of_\2())\n\n    def of_\2(self)"


def main(names: Sequence[str]) -> int:
    """Return 0 where exactly the explained survivors survived; *names* of mutants, which may hold ``*``: of those alone."""
    began = time.monotonic()
    stage()
    log = STAGE / "mutmut.log"
    print(f"This takes some minutes; its progress is in {log.relative_to(ROOT)}.", flush=True)
    command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", "1", *names]
    with log.open("w") as output:
        done = subprocess.run(command, cwd=STAGE, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        print(f"mutmut failed: see the end of {log.relative_to(ROOT)}.")
        return done.returncode
    return report(dict(verdicts(names)), time.monotonic() - began, is_whole=not names)


def stage() -> None:
    """Make the copy that is mutated, with no result of an earlier run in it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    STAGE.mkdir()
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, STAGE / name)
    for path in (STAGE / "monitor/core").rglob("*.py"):
        path.write_text(PROPERTY.sub(PLAIN, path.read_text()))


def verdicts(names: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """Yield the name of each mutant that was asked for, and the exit code of the tests on it; None: they were not run."""
    for meta in sorted((STAGE / "mutants").rglob("*.meta")):
        for mutant, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            if not names or any(fnmatch(mutant, name) for name in names):
                yield mutant, code


def report(found: Mapping[str, int | None], seconds: float, *, is_whole: bool) -> int:
    """Print the figures and what is wrong with them."""
    survived = {described(name) for name, code in found.items() if code not in KILLED}
    asked = {function_of(name) for name in found}
    explained = {each for each in explanations() if is_whole or each.split("\n", 1)[0] in asked}
    counts = Counter(KILLED.get(code or 0, "survived") for code in found.values())
    print(f"\n{len(found)} mutants in {seconds:.0f} s: " + ", ".join(f"{number} {word}" for word, number in counts.items()))
    print(f"{len(survived & explained)} survivors are explained in {EXPLAINED.relative_to(ROOT)}.")
    for change in sorted(survived - explained):
        print(f"\nNo test notices this:\n{change}")
    for change in sorted(explained - survived):
        print(f"\nExplained, but it does not survive:\n{change}")
    return int(not found or survived != explained)


def explanations() -> set[str]:
    """Return the survivors that are explained: each block stands under one that starts with ``Because``.

    Raises:
        ValueError: a survivor stands above the first reason.

    """
    found, reason = set(), ""
    for block in EXPLAINED.read_text().strip().split("\n\n"):
        if block.startswith("Because "):
            reason = block
        elif not reason:
            raise ValueError(f"{EXPLAINED.name}: it has no reason above it: {block}")
        else:
            found.add(block)
    return found


def described(mutant: str) -> str:
    """Return the function that a mutant is of, and its lines that differ."""
    module, _, name = mutant.rpartition(".")
    function, _, number = name.rpartition("__mutmut_")
    bodies = functions(STAGE / "mutants" / f"{module.replace('.', '/')}.py")
    lines = difflib.ndiff(bodies[f"{function}__mutmut_orig"], bodies[f"{function}__mutmut_{number}"])
    changed = [line.replace("  ", " ").replace("- " + " " * 4, "- ") for line in lines if line[0] in "-+"]
    return "\n".join([function_of(mutant), *(f"{line[0]} {line[1:].strip()}" for line in changed)])


def function_of(mutant: str) -> str:
    """Return the function that a mutant is of."""
    module, _, name = mutant.rpartition(".")
    return f"{module}.{plain_name(name.rpartition('__mutmut_')[0])}"


@cache
def functions(path: Path) -> dict[str, list[str]]:
    """Return the lines of each function of a mutated file, without its name."""
    tree = ast.parse(path.read_text())
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {node.name: ast.unparse(node).replace(node.name, "", 1).splitlines() for node in found}


def plain_name(mangled: str) -> str:
    """Return ``Scope.x`` for mutmut's ``xǁScopeǁof_x``, and ``step`` for its ``x_step``."""
    return ".".join(part.removeprefix("of_") for part in mangled.split("ǁ")[1:]) or mangled.removeprefix("x_")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
