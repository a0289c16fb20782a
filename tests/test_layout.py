"""The map in the README against the code: rooms and named files are there, and imports run down it, lazy ones too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOM = re.compile(r"\*\*(\w+)\*\*")
FLOOR = re.compile(r'\["([\w· ]+)"\]')
FACES = {"__init__", "__main__", "cli"}
"""Files that open the library to applications and to the shell: they stand above all rooms."""


def section() -> str:
    """Return the README's layout."""
    return (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Layout\n")[1].split("\n## ")[0]


def rooms() -> list[str]:
    """Return the rooms as the README's layout lists them, from the ground up."""
    return ROOM.findall(section())


def files() -> dict[str, Path]:
    """Return every module of the library by its dotted name."""
    found = {}
    for path in sorted((ROOT / "lpr").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, modules: dict[str, Path]) -> set[str]:
    """Return the modules of ours that a file imports anywhere in it, inside functions and for type checking too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name in modules}
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                names.add(full if full in modules else node.module)
    return names


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_room_is_on_the_map_once() -> None:
    here = {room(module) for module in files()} - FACES
    listed = rooms()
    assert len(listed) == len(set(listed))
    assert set(listed) == here


def test_files_that_the_map_names_are_in_their_rooms() -> None:
    _, *parts = ROOM.split(section())
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        for file in re.findall(r"`([\w/]+\.py)`", text):
            assert (ROOT / "lpr" / name / file).is_file(), f"{name}: {file}"


def test_the_picture_shows_the_rooms_of_the_table() -> None:
    drawn = [name for floor in FLOOR.findall(section()) for name in floor.split(" · ")]
    assert drawn[::-1] == rooms()


def test_imports_between_rooms_run_down_the_map() -> None:
    modules, listed = files(), rooms()
    up = [
        f"{module} imports {other}"
        for module, path in modules.items()
        for other in sorted(imported(path, modules))
        if room(module) != room(other)
        and room(module) not in FACES
        and (room(other) in FACES or listed.index(room(other)) > listed.index(room(module)))
    ]
    assert up == []


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = files()
    left = {module: imported(path, modules) - {module} for module, path in modules.items()}
    # What imports nothing that is left is in no circle; taking it away frees those that import it.
    while free := {module for module, others in left.items() if not others & left.keys()}:
        for module in free:
            del left[module]
    assert sorted(left) == []
