"""Build the page that needs no server: the service's page, our reading code in JavaScript, ONNX Runtime and the models.

`make web`, or `python -m web.build OUT` once `npm ci --prefix web` has brought ONNX Runtime.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from lpr.base.errors import LprError
from lpr.base.files import sha256
from lpr.base.folders import replacing
from lpr.decoding import beam, ctc, reading
from lpr.inference import corners, finder, photos, recognizer, second_look, sideways
from lpr.inference.recorded import check_recorded
from lpr.inference.shipped import models_folder
from lpr.plate import crop, quad, text
from lpr.runtime.onnx_model import Kind, OnnxModel
from lpr.world import grammar
from lpr.world.formats import country
from lpr.world.formats.catalogue import COUNTRIES

HERE = Path(__file__).parent
PAGE = HERE.parent / "lpr" / "serve" / "static"
RUNTIME = HERE / "node_modules" / "onnxruntime-web" / "dist"
PROGRAM, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
MODELS: dict[Kind, str] = {"detector": "detector.onnx", "ocr": "ocr.onnx"}
SHARED = (
    beam, corners, country, crop, ctc, finder, grammar, photos, quad, reading, recognizer, second_look, sideways, text,
)  # fmt: skip
"""Modules whose constants the JavaScript works with; each of its files names the module that it follows."""

_HEAD = """// Written by web/build.py from the Python modules of these names.
const known = (name, values) => new Proxy(values, {
  get(target, key) {
    if (!(key in target)) throw new Error(`${name} has no ${String(key)}`);
    return target[key];
  },
});
"""


def constants(module: ModuleType) -> dict[str, Any]:
    """Return a module's plain constants by name: numbers, texts, and tuples and dictionaries of them."""
    return {
        name: value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, (int, float, str, tuple, dict)) and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    parts = (*value, *value.values()) if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
    return all(isinstance(part, (int, float, str)) for part in parts)


def countries() -> list[dict[str, Any]]:
    """Return what the grammar knows of each country, its patterns without lines and signs between groups."""
    return [
        {
            "code": one.code,
            "vehicles": one.vehicles,
            "never": one.never,
            "current": [country.slots(pattern) for pattern in one.patterns()],
            "older": [country.slots(pattern) for pattern in one.patterns(older=True)],
        }
        for one in COUNTRIES.values()
    ]


def model_facts(folder: Path, files: Iterable[Path]) -> dict[str, Any]:
    """Return the models' settings and version, and the size in bytes of each of the files that a browser loads."""
    facts: dict[str, Any] = {kind: OnnxModel(folder / name, kind).card.settings for kind, name in MODELS.items()}
    facts["version"] = "-".join(sha256(folder / name)[:8] for name in MODELS.values())
    facts["files"] = {path.name: path.stat().st_size for path in files}
    return facts


def script(facts: Mapping[str, Any]) -> str:
    """Return `constants.js`: what Python owns, as one export for each module, `countries`, and `models`."""
    exports = [
        f"export const {module.__name__.rpartition('.')[2]} = known({json.dumps(module.__name__)}, "
        f"{json.dumps(constants(module))});"
        for module in SHARED
    ]
    exports.append(f"export const countries = {json.dumps(countries())};")
    exports.append(f"export const models = {json.dumps(facts)};")
    return "\n".join([_HEAD, *exports, ""])


def build(out: Path) -> None:
    """Write the page into the folder `out`, in the place of what is there: `index.html` and `static/`.

    Raises:
        LprError: ONNX Runtime is not there, or the shipped models are missing, damaged, or of another version.
    """
    folder = models_folder(None)
    check_recorded(folder, MODELS.values())
    missing = [name for name in (PROGRAM, WASM) if not (RUNTIME / name).is_file()]
    if missing:
        raise LprError(f"{RUNTIME / missing[0]}: missing; `npm ci --ignore-scripts --prefix web` brings it")
    with replacing(out) as fresh:
        shutil.copy(PAGE / "index.html", fresh)
        static = fresh / "static"
        static.mkdir()
        loaded = [RUNTIME / WASM, *(folder / name for name in MODELS.values())]
        # Not the service's reader.js: ours takes its place.
        for path in (PAGE / "page.css", PAGE / "page.js", RUNTIME / PROGRAM, *loaded, *sorted(HERE.glob("src/*.js"))):
            shutil.copy(path, static)
        (static / "constants.js").write_text(script(model_facts(folder, loaded)), encoding="utf-8")


def main() -> int:
    """Build into the folder named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m web.build", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write; replaced if it is there")
    options = parser.parse_args()
    try:
        build(options.out)
    except LprError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
