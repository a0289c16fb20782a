"""The folder that `make web` writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lpr.base.errors import LprError
from lpr.serve.app import STATIC
from web import build

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in the place of ONNX Runtime's."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in (build.PROGRAM, build.WASM):
        (folder / name).write_text("// a runtime")
    monkeypatch.setattr(build, "RUNTIME", folder)
    return folder


def test_all_that_the_page_asks_for_is_there(runtime: Path, tmp_path: Path) -> None:
    build.build(tmp_path / "out")
    static = tmp_path / "out" / "static"
    assert (tmp_path / "out" / "index.html").read_bytes() == (STATIC / "index.html").read_bytes()
    asked = set(re.findall(r'"static/([^"]+)"', (STATIC / "index.html").read_text()))
    for script in static.glob("*.js"):
        asked |= set(re.findall(r'(?:from |URL\()"(?:\./)?([\w.-]+)"', script.read_text()))
    assert {"page.js", "page.css", "worker.js", build.PROGRAM} <= asked
    assert asked <= {path.name for path in static.iterdir()}
    assert "v1/read" not in (static / "reader.js").read_text()


def test_both_readers_offer_the_page_the_same() -> None:
    exported = re.compile(r"^export (?:async )?(?:class|function) (\w+)", re.MULTILINE)
    offered = [set(exported.findall((folder / "reader.js").read_text())) for folder in (STATIC, build.HERE / "src")]
    (asked,) = re.findall(r"import \{(.*)\} from \"./reader.js\"", (STATIC / "page.js").read_text())
    assert offered[0] == offered[1] == set(asked.replace(" ", "").split(","))


def test_without_the_runtime_it_says_what_to_do_and_keeps_what_was_there(runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "before").touch()
    (runtime / build.WASM).unlink()
    with pytest.raises(LprError, match=r"ort-wasm-simd-threaded\.wasm: missing; `npm ci --ignore-scripts"):
        build.build(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["before"]


def test_the_lock_pins_every_package_and_names_no_host() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text()
    assert "://" not in re.sub(r'"funding": \{[^}]*\}', "", lock)
    packages = lock.count('"node_modules/')
    assert packages > 0 and lock.count('"integrity": "sha512-') == packages
