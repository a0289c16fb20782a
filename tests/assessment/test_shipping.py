"""Models that travel with the package: made from a bundle and its evaluation, in the wheel, used when no others are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lpr.assessment.folder import Dataset
from lpr.assessment.run import assess
from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.deployment.shipping import allows_shipping, ship
from lpr.inference.recognizer import LicensePlateRecognizer
from tests.assessment.conftest import photo, plate
from tests.records_here import SOURCE

ROOT = Path(__file__).parents[2]
SHIPPED = {"detector.onnx", "ocr.onnx", "training_metadata.json", "evaluation.json", "README.md"}
CHECKPOINTS = {"detector.pt", "ocr.pt"}


@pytest.fixture
def bundle(random_bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(random_bundle, tmp_path / "models"))


@pytest.fixture
def report(bundle: Path, own, tmp_path: Path) -> Path:
    dataset = Dataset(own({"a.png": ("AB", [plate("AB")]), "b.png": ("A", [])}))
    write_json(tmp_path / "evaluation.json", assess(LicensePlateRecognizer(bundle), bundle, dataset).record)
    return tmp_path / "evaluation.json"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text("## Never seen\n\nPlates of the moon.\n")
    return tmp_path / "notes.md"


def test_shipped_are_the_models_with_evaluation_and_card(
    bundle: Path, report: Path, notes: Path, tmp_path: Path
) -> None:
    target = tmp_path / "assets" / "models"
    (target / "old").mkdir(parents=True)
    size = ship(bundle, report, notes, target)
    assert {path.name for path in target.iterdir()} == SHIPPED | CHECKPOINTS
    assert (target / "ocr.pt").read_bytes() == (bundle / "ocr.pt").read_bytes()
    assert [path.name for path in target.parent.iterdir()] == ["models"]
    assert size == sum((bundle / name).stat().st_size for name in ("detector.onnx", "ocr.onnx"))
    assert (target / "ocr.onnx").read_bytes() == (bundle / "ocr.onnx").read_bytes()
    assert (target / "evaluation.json").read_bytes() == report.read_bytes()
    card = (target / "README.md").read_text()
    record = json.loads(report.read_text())
    low, high = record["end_to_end"]["low"], record["end_to_end"]["high"]
    assert f"| end to end, strict | 0.000 (0/1) [{low:.3f}, {high:.3f}] |" in card
    assert "on set, split test: 2 images" in card
    assert "| rendered | synthetic | MIT |" in card
    assert "seed 7" in card and "Plates of the moon." in card


def test_models_that_were_not_measured_or_not_recorded_are_refused(
    bundle: Path, report: Path, notes: Path, tmp_path: Path
) -> None:
    target = tmp_path / "shipped"
    target.mkdir()
    (target / "old").write_text("here")
    record = json.loads(report.read_text())
    metadata = json.loads((bundle / "training_metadata.json").read_text())

    def refused(message: str) -> None:
        with pytest.raises(LprError, match=message):
            ship(bundle, report, notes, target)
        assert [path.name for path in target.iterdir()] == ["old"]
        write_json(report, record)
        write_json(bundle / "training_metadata.json", metadata)

    write_json(report, {**record, "models": {**record["models"], "ocr.onnx": {"bytes": 1, "sha256": "0" * 64}}})
    refused(r"evaluation\.json: not an evaluation of .*ocr\.onnx")
    write_json(report, {"models": record["models"]})
    refused(r"evaluation\.json: data: missing; .*; make it with `lpr evaluate --out`")
    write_json(report, {**record, "end_to_end": {**record["end_to_end"], "low": None}})
    refused(r"evaluation\.json: end_to_end is .*low and high must be numbers where total is not 0")
    files = {**metadata["files"], "detector.onnx": {"bytes": 1, "sha256": "0" * 64}}
    write_json(bundle / "training_metadata.json", {**metadata, "files": files})
    refused(r"training_metadata\.json: its files\.detector\.onnx is not the hash")
    write_json(bundle / "training_metadata.json", {**metadata, "device": ""})
    refused(r"training_metadata\.json: device is ''")
    closed = {**metadata["data"], "sources": [{**SOURCE, "name": "web", "licence": "CC BY-NC 4.0"}]}
    write_json(bundle / "training_metadata.json", {**metadata, "data": closed})
    refused("source web: its licence 'CC BY-NC 4.0' is not known to allow")
    report.write_text("{")
    refused("not readable as JSON")
    with pytest.raises(LprError, match=r"none\.md: the card's notes cannot be read"):
        ship(bundle, report, tmp_path / "none.md", target)
    notes.write_text("Trained in TO FILL hours.")
    refused(r"notes\.md: still says 'TO FILL'")
    (bundle / "ocr.onnx").unlink()
    refused("no such model")


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("Apache-2.0, CC BY 4.0, MIT and CC0-1.0 by photograph", True),
        ("MIT (rendered by lpr.synthetic)", True),
        ("Attribution 4.0 International (CC BY 4.0)", True),
        ("CC0: Public Domain", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND 4.0", False),
        ("CC-BY-SA-4.0", False),
        ("MIT and something else", False),
        ("unknown", False),
        ("permitted", False),
    ],
)
def test_only_permissive_licences_let_models_out(licence: str, allowed: bool) -> None:
    assert allows_shipping(licence) is allowed


def test_the_wheel_holds_the_models_and_reads_with_them_anywhere(
    hand_made: Path, bundle: Path, report: Path, notes: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "lpr", source / "lpr", ignore=shutil.ignore_patterns("__pycache__", "models"))
    for name in ("pyproject.toml", "README.md", "requirements.txt", "requirements-serve.txt", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shipped = source / "lpr" / "assets" / "models"
    ship(bundle, report, notes, shipped)
    metadata = json.loads((shipped / "training_metadata.json").read_text())
    for name in ("detector.onnx", "ocr.onnx"):  # whose answers are known
        shutil.copy(hand_made / name, shipped)
        metadata["files"][name]["sha256"] = sha256(shipped / name)
    write_json(shipped / "training_metadata.json", metadata)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    with zipfile.ZipFile(source / done.stdout.split()[-1]) as wheel:
        assert {Path(name).name for name in wheel.namelist() if "/assets/" in name} == SHIPPED
        wheel.extractall(site)
    elsewhere.mkdir()
    photo("AB").save(elsewhere / "photo.png")

    def lpr(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(site)}
        return subprocess.run(
            [sys.executable, "-m", "lpr", *arguments],
            cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    done = lpr("read", "photo.png", "--json")
    assert [plate["text"] for plate in json.loads(done.stdout)["plates"]] == ["AB"], done.stderr
    assert "Plates of the moon." in lpr("models", "card").stdout
    shutil.rmtree(site / "lpr" / "assets")
    for arguments in (["read", "photo.png"], ["models", "card"], ["evaluate", str(report.parent / "set")]):
        done = lpr(*arguments)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
        assert "no models came with this installation of lpr" in done.stderr and "--models models" in done.stderr


def test_the_commands_ship_and_print_the_card(bundle: Path, report: Path, notes: Path, tmp_path: Path, lpr) -> None:
    into = tmp_path / "shipped"
    code, out, _ = lpr("models", "ship", bundle, "--evaluation", report, "--notes", notes, "--into", into)
    assert code == 0 and str(into) in out and "MB" in out
    assert lpr("models", "card", "--models", into)[1] == (into / "README.md").read_text()
    assert "rendered plates only" in lpr("models", "card", "--models", bundle)[1]
    code, _, err = lpr("models", "card", "--models", tmp_path)
    assert code == 2 and "README.md: these models have no card" in err


def test_the_evaluate_command_prints_a_table_or_json(bundle: Path, own, tmp_path: Path, lpr) -> None:
    evaluate = ("evaluate", own({"a.png": ("AB", [plate("AB")])}), "--models", bundle)
    code, out, _ = lpr(*evaluate, "--out", tmp_path / "out")
    assert code == 0
    assert out.strip() == (tmp_path / "out" / "evaluation.md").read_text().strip()
    code, out, _ = lpr(*evaluate, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((tmp_path / "out" / "evaluation.json").read_text())
