"""The issue on models that do not hold their gates: opened once, kept up to date, closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fork import write_gh

from lpr.base.files import sha256, write_json
from lpr.github.issue import keep_issue, shortfall
from lpr.github.release import keep_release
from lpr.records.gates_file import Gate, save_gates

RUN = "https://github.example/run/1"


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of GitHub."""
    write_gh(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("GH_STATE", str(tmp_path / "gh.json"))
    monkeypatch.setenv("GH_TOKEN", "token issues:write contents:write")
    return tmp_path / "gh.json"


def bundle(folder: Path, value: float, version: str = "v1.1") -> Path:
    """A bundle of nothing, whose only gate asks for 0.85."""
    folder.mkdir(exist_ok=True)
    archive = folder / f"license-plate-models-{version}.zip"
    archive.write_text("models")
    save_gates(folder / "gates.json", [Gate("end_to_end", value, 0.85, ">=", value >= 0.85, "so many of 100")])
    write_json(folder / "bundle.json", {"version": version, "message": "a message", "sha256": sha256(archive)})
    return folder


def issues(gh: Path) -> list[dict]:
    return json.loads(gh.read_text())["issues"]


def test_one_issue_is_opened_updated_and_closed(gh: Path, tmp_path: Path):
    assert keep_issue(bundle(tmp_path / "a", 0.8), "failure", RUN) == "opened https://github.example/issues/1"
    assert keep_issue(bundle(tmp_path / "b", 0.7, "v1.2"), "failure", RUN) == "updated issue 1"
    (issue,) = issues(gh)
    assert issue["title"] == "Models v1.2 do not hold their gates: end_to_end"
    assert "`end_to_end` is 0.7, required >= 0.85, 0.15 below it: so many of 100" in issue["body"]
    assert RUN in issue["body"]
    assert keep_issue(bundle(tmp_path / "c", 0.9, "v1.3"), "success", RUN) == "closed issue 1"
    assert keep_issue(tmp_path / "c", "success", RUN) == "every gate holds, and no issue is open"
    assert [issue["open"] for issue in issues(gh)] == [False]


def test_a_validation_that_ended_early_is_said_so(gh: Path, tmp_path: Path):
    keep_issue(tmp_path / "nothing", "failure", RUN)
    assert issues(gh)[0]["title"] == "The newest published models could not be validated"


def test_a_gate_that_fell_for_another_reason_has_no_distance():
    fallen = Gate("model_kilobytes", 500.0, 100.0, ">", False, "only 3% of its bytes are weights")
    assert shortfall(fallen) == "`model_kilobytes` is 500, required > 100: only 3% of its bytes are weights"
    unknown = Gate("end_to_end", None, 0.85, ">=", False, "no plate")
    assert shortfall(unknown) == "`end_to_end` could not be measured: no plate"


def test_a_release_is_made_once_and_never_of_models_below_a_gate(gh: Path, tmp_path: Path):
    with pytest.raises(Exception, match="not released, end_to_end not met"):
        keep_release(bundle(tmp_path / "bad", 0.8))
    assert not gh.exists()
    good = bundle(tmp_path / "good", 0.9)
    assert keep_release(good).startswith("released models-v1.1")
    assert keep_release(good).endswith("already; nothing was changed")
    (release,) = json.loads(gh.read_text())["releases"]
    assert release["tag"] == "models-v1.1"
