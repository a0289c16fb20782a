"""Publishing models to Kaggle, through the stage's own functions, under every fault."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml
from standin import StandIn

from lpr.base.errors import LprError
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import KaggleError
from lpr.publishing.kaggle_target import KaggleTarget
from lpr.publishing.publish import open_target, publish
from lpr.publishing.published_models import find_models, get_models, rollback
from lpr.publishing.release import prepare
from lpr.publishing.versions import Version
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import load_params
from tests.records_here import training_metadata

ROOT = Path(__file__).parents[2]
NAME = "alice/license-plate-models"


def make_bundle(folder: Path, seed: str) -> None:
    """A folder that looks like an exported and evaluated bundle."""
    models, results = folder / "models", folder / "results" / "evaluate"
    models.mkdir(parents=True, exist_ok=True)
    results.mkdir(parents=True, exist_ok=True)
    for name in MODEL_FILES:
        (models / name).write_bytes(hashlib.shake_256(f"{seed} {name}".encode()).digest(150_000))
    (models / "training_metadata.json").write_text(json.dumps(training_metadata(git_commit="c0ffee1")))
    (models / "README.md").write_text(f"# Models {seed}\n")
    hashes = {name: hashlib.sha256((models / name).read_bytes()).hexdigest() for name in MODEL_FILES}
    save_gates(results / "gates.json", [Gate("end_to_end", 0.95, 0.85, ">=", True, "fine")], hashes)
    reading = {"right": None, "plates": None}
    metrics = {"end_to_end": {"right": 154, "total": 162}, "reading": reading, "detection": {"ap50": 0.971}}
    (results / "metrics.json").write_text(json.dumps(metrics))


def settings(dataset: str = NAME, version: str = "auto"):
    publish_settings = load_params(ROOT / "params.yaml").publish
    return publish_settings.model_copy(
        update={"target": "kaggle", "dataset": dataset, "version": version, "note": "a note"}
    )


def publish_bundle(folder: Path, seed: str = "one", version: str = "auto", dataset: str = NAME) -> dict:
    make_bundle(folder, seed)
    release = prepare(folder / "models", folder / "results" / "evaluate", "a note")
    chosen = settings(dataset, version)
    published = publish(release, open_target(chosen), chosen)
    return {**published.receipt.model_dump(), "status": published.status}


def versions(kaggle: StandIn) -> list:
    dataset = kaggle.state.datasets.get(NAME)
    return dataset.versions if dataset else []


def test_first_publication_creates_a_private_dataset(kaggle: StandIn, tmp_path: Path) -> None:
    receipt = publish_bundle(tmp_path, dataset="OWNER/license-plate-models")
    dataset = kaggle.state.datasets[NAME]
    assert dataset.private and dataset.license == "other"
    [version] = dataset.versions
    assert set(version.files) == {*MODEL_FILES, "README.md", "training_metadata.json", "version.json"}
    for name in MODEL_FILES:
        assert version.files[name] == (tmp_path / "models" / name).read_bytes()
        assert receipt["files"][name]["sha256"] == hashlib.sha256(version.files[name]).hexdigest()
    assert receipt["message"] == "v1.0 - end-to-end 95.1% (154/162), AP50 0.97 - a note"
    assert (receipt["dataset"], receipt["number"], receipt["git_commit"]) == (NAME, 1, "c0ffee1")
    assert receipt["where"] == f"https://www.kaggle.com/datasets/{NAME}/versions/1"


@pytest.mark.parametrize("kind", ["local", "kaggle"])
def test_what_a_target_adds_is_what_it_lists(kaggle: StandIn, tmp_path: Path, kind: str) -> None:
    make_bundle(tmp_path, "one")
    release = prepare(tmp_path / "models", tmp_path / "results" / "evaluate", "a note")
    chosen = settings().model_copy(update={"target": kind, "registry": str(tmp_path / "registry")})
    target = open_target(chosen)
    assert target.dataset == NAME and target.versions() == []
    added = target.add(release.record(Version(1, 0)), release.folder)
    assert (added.version, added.content) == (Version(1, 0), release.content)
    assert open_target(chosen).versions() == [added]


def test_versions_rise_and_old_ones_stay(kaggle: StandIn, tmp_path: Path) -> None:
    assert publish_bundle(tmp_path, "one")["version"] == "v1.0"
    assert publish_bundle(tmp_path, "two")["version"] == "v1.1"
    assert publish_bundle(tmp_path, "three", "v2.0")["number"] == 3
    assert versions(kaggle)[1].notes.startswith("v1.1 - end-to-end 95.1%")
    with pytest.raises(LprError, match=r"v1\.5, below the latest, v2\.0"):
        publish_bundle(tmp_path, "four", "v1.5")
    assert len(versions(kaggle)) == 3
    assert versions(kaggle)[0].files["ocr.pt"] != versions(kaggle)[1].files["ocr.pt"]


def test_the_same_content_is_published_once(kaggle: StandIn, tmp_path: Path) -> None:
    first = publish_bundle(tmp_path)
    again = publish_bundle(tmp_path)
    assert again["status"] == "unchanged"
    assert (again["version"], again["number"], again["where"]) == (first["version"], 1, first["where"])
    assert len(versions(kaggle)) == 1


SURVIVED = [
    ("StartBlobUpload", {"kind": "status", "status": 500}),
    ("StartBlobUpload", {"kind": "reset"}),
    ("PUT", {"kind": "status", "status": 503}),
    ("PUT", {"kind": "cut", "after": 60_000}),
    ("PUT", {"kind": "reset"}),
    ("PUT", {"kind": "lost"}),
    ("PUT", {"kind": "status", "status": 404}),
    ("CreateDatasetVersion", {"kind": "status", "status": 500}),
    ("CreateDatasetVersion", {"kind": "status", "status": 429, "headers": {"Retry-After": "0.1"}}),
    ("CreateDatasetVersion", {"kind": "reset"}),
    ("CreateDatasetVersion", {"kind": "lost"}),
    ("GetDatasetStatus", {"kind": "status", "status": 500}),
    ("GetDataset", {"kind": "reset"}),
    ("ListDatasetFiles", {"kind": "status", "status": 500}),
    ("DownloadDataset", {"kind": "reset"}),
]


@pytest.mark.parametrize(
    ("where", "fault"), SURVIVED, ids=lambda value: value if isinstance(value, str) else value["kind"]
)
def test_one_fault_anywhere_ends_in_one_version(kaggle: StandIn, tmp_path: Path, where: str, fault: dict) -> None:
    publish_bundle(tmp_path, "one")
    kaggle.fail(where, **fault)
    receipt = publish_bundle(tmp_path, "two")
    assert receipt["number"] == 2
    assert len(versions(kaggle)) == 2
    assert versions(kaggle)[1].files["ocr.pt"] == (tmp_path / "models" / "ocr.pt").read_bytes()


def test_a_lost_answer_to_the_creation_makes_no_second_dataset(kaggle: StandIn, tmp_path: Path) -> None:
    kaggle.fail("CreateDataset", "lost")
    assert publish_bundle(tmp_path)["number"] == 1
    assert kaggle.count("CreateDataset") == 1


def test_a_cut_upload_is_carried_on_not_repeated(kaggle: StandIn, tmp_path: Path) -> None:
    kaggle.fail("PUT", "cut", after=100_000, skip=1)
    publish_bundle(tmp_path)
    assert any(
        asked.headers.get("Content-Range", "").startswith("bytes 100000-149999/")
        for asked in kaggle.asked
        if asked.what == "PUT"
    )


REFUSED = [
    ("CreateDatasetVersion", {"kind": "result", "message": "Disk is melting"}, "Disk is melting"),
    ("CreateDatasetVersion", {"kind": "body", "status": 400, "message": "Bad notes"}, r"refuses \(400\) \(Bad notes\)"),
    ("CreateDatasetVersion", {"kind": "status", "status": 401}, r"credentials \(401\)"),
    ("CreateDatasetVersion", {"kind": "status", "status": 403}, r"not allowed to \(403\)"),
    ("CreateDatasetVersion", {"kind": "status", "status": 500}, r"\(500\).*no second one"),
    ("CreateDatasetVersion", {"kind": "body", "status": 403, "message": "Storage quota reached"}, "quota is reached"),
    ("PUT", {"kind": "status", "status": 400}, "uploading README.md: Kaggle refuses"),
    ("StartBlobUpload", {"kind": "status", "status": 500}, r"uploading README.md.*\(500\)"),
    ("PUT", {"kind": "reset"}, "not reachable"),
]


@pytest.mark.parametrize(("where", "fault", "message"), REFUSED, ids=lambda v: v if isinstance(v, str) else v["kind"])
def test_lasting_faults_add_nothing(kaggle: StandIn, tmp_path: Path, where: str, fault: dict, message: str) -> None:
    publish_bundle(tmp_path, "one")
    kaggle.fail(where, times=None, **fault)
    with pytest.raises(KaggleError, match=message):
        publish_bundle(tmp_path, "two")
    assert len(versions(kaggle)) == 1
    kaggle.faults.clear()
    assert publish_bundle(tmp_path, "two")["number"] == 2


def test_a_file_lost_on_the_way_is_noticed_and_the_version_not_used(kaggle: StandIn, tmp_path: Path) -> None:
    publish_bundle(tmp_path, "one")
    kaggle.state.forgets = {"ocr.onnx"}
    with pytest.raises(KaggleError, match=r"models/2 is on Kaggle but not whole: ocr\.onnx is missing"):
        publish_bundle(tmp_path, "two")
    kaggle.state.forgets = set()
    assert find_models(KaggleTarget(NAME), "latest").reference.version == 1
    receipt = publish_bundle(tmp_path, "two")
    assert (receipt["version"], receipt["number"]) == ("v1.2", 3)


def test_a_version_that_never_gets_ready(kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_bundle(tmp_path, "one")
    kaggle.state.never_ready = True
    monkeypatch.setenv("LPR_KAGGLE_READY", "0.3")
    with pytest.raises(KaggleError, match=r"accepted but is not ready \(blobs_received\).*not added twice"):
        publish_bundle(tmp_path, "two")
    with pytest.raises(KaggleError, match="still being processed"):
        publish_bundle(tmp_path, "two")
    kaggle.state.never_ready = False
    receipt = publish_bundle(tmp_path, "two")
    assert (receipt["status"], receipt["number"]) == ("unchanged", 2)
    assert len(versions(kaggle)) == 2


def test_processing_that_fails(kaggle: StandIn, tmp_path: Path) -> None:
    publish_bundle(tmp_path, "one")
    kaggle.state.ends_failed = True
    with pytest.raises(KaggleError, match="could not process the new version"):
        publish_bundle(tmp_path, "two")
    kaggle.state.ends_failed = False
    assert publish_bundle(tmp_path, "two")["version"] == "v1.1"


def test_two_publishers_at_once(kaggle: StandIn, tmp_path: Path) -> None:
    """Of two processes' worth of publishers one wins; the other adds nothing, says so, and may be run again."""
    publish_bundle(tmp_path, "zero")
    outcomes: dict[str, object] = {}
    together = threading.Barrier(2)

    def work(seed: str) -> None:
        make_bundle(tmp_path / seed, seed)
        release = prepare(tmp_path / seed / "models", tmp_path / seed / "results" / "evaluate", "")
        target = open_target(settings())
        try:
            target.versions()
            together.wait(10)
            target.add(release.record(Version(1, 1)), release.folder)
            outcomes[seed] = "published"
        except LprError as error:
            outcomes[seed] = str(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(str(outcome)[:9] for outcome in outcomes.values()) == ["alice/lic", "published"]
    assert any("nothing was added, run it again" in str(outcome) for outcome in outcomes.values())
    assert [json.loads(v.files["version.json"])["version"] for v in versions(kaggle)] == ["v1.0", "v1.1"]
    loser = next(seed for seed, outcome in outcomes.items() if outcome != "published")
    assert publish_bundle(tmp_path, loser)["version"] == "v1.2"


def test_another_machine_publishes_in_between(kaggle: StandIn, tmp_path: Path) -> None:
    publish_bundle(tmp_path, "one")
    target = KaggleTarget(NAME)
    target.versions()
    version = kaggle.state.put(NAME, {"other.txt": b"someone else's"})
    assert version.number == 2
    make_bundle(tmp_path, "two")
    release = prepare(tmp_path / "models", tmp_path / "results" / "evaluate", "")
    sent = kaggle.count("PUT")
    assert sent > 0
    with pytest.raises(KaggleError, match="someone else published version 2"):
        target.add(release.record(Version(1, 1)), release.folder)
    assert len(versions(kaggle)) == 2
    # Nor was anything uploaded for nothing.
    assert kaggle.count("PUT") == sent


def test_list_get_and_rollback(kaggle: StandIn, tmp_path: Path) -> None:
    with pytest.raises(LprError, match="there is no such dataset"):
        find_models(KaggleTarget(NAME), "latest")
    for seed in ("one", "two", "three"):
        publish_bundle(tmp_path, seed)
    kaggle.state.put(NAME, {"stray.txt": b"made by hand"})
    target = KaggleTarget(NAME)
    assert [str(models.version) for models in target.versions()] == ["v1.0", "v1.1", "v1.2"]

    into = tmp_path / "got"
    assert str(get_models(target, "latest", into).version) == "v1.2"
    make_bundle(tmp_path, "three")
    for path in (tmp_path / "models").iterdir():
        assert (into / path.name).read_bytes() == path.read_bytes()
    assert {path.name for path in into.iterdir()} == {path.name for path in (tmp_path / "models").iterdir()}
    get_models(target, "v1.0", into)
    make_bundle(tmp_path, "one")
    assert (into / "ocr.pt").read_bytes() == (tmp_path / "models" / "ocr.pt").read_bytes()
    with pytest.raises(LprError, match=r"no version v9\.9; there are: v1\.0, v1\.1, v1\.2"):
        get_models(target, "v9.9", into)

    back = rollback(target, "v1.0")
    assert (str(back.version), back.reference.version) == ("v1.3", 5)
    assert back.record.message.startswith("v1.3 - rollback to v1.0 - end-to-end")
    assert versions(kaggle)[4].files["ocr.pt"] == versions(kaggle)[0].files["ocr.pt"]
    with pytest.raises(LprError, match="is the latest version already"):
        rollback(target, "v1.3")


def test_get_refuses_changed_bytes_and_foreign_folders(kaggle: StandIn, tmp_path: Path) -> None:
    publish_bundle(tmp_path)
    into = tmp_path / "got"
    version = versions(kaggle)[0]
    right = version.files["ocr.pt"]
    version.files["ocr.pt"], version.archive = right[:-1] + b"?", None
    with pytest.raises(LprError, match=r"ocr\.pt differs from its published hash"):
        get_models(KaggleTarget(NAME), "latest", into)
    assert not into.exists()
    version.files["ocr.pt"], version.archive = right, None
    into.mkdir()
    (into / "thesis.doc").write_text("years of work")
    with pytest.raises(LprError, match="something else than models"):
        get_models(KaggleTarget(NAME), "latest", into)
    assert (into / "thesis.doc").read_text() == "years of work"


@contextmanager
def arguments_of_all_processes() -> Iterator[set[bytes]]:
    """Collect the command lines of all processes that are seen while the block runs."""
    seen: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(path.read_bytes())

    thread = threading.Thread(target=watch)
    thread.start()
    yield seen
    over.set()
    thread.join()


def run_stage(folder: Path) -> subprocess.CompletedProcess[str]:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["publish"].update(target="kaggle")
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "stages.publish"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_the_stage_leaves_a_receipt_or_fails(kaggle: StandIn, tmp_path: Path) -> None:
    make_bundle(tmp_path, "one")
    receipt = tmp_path / "results" / "publish" / "receipt.json"
    kaggle.fail("CreateDataset", "result", message="no")
    failed = run_stage(tmp_path)
    assert failed.returncode == 2 and not receipt.exists()
    assert failed.stderr.splitlines()[-1].startswith("error: publishing alice/license-plate-models: Kaggle says 'no'")
    with arguments_of_all_processes() as seen:
        done = run_stage(tmp_path)
    assert done.returncode == 0, done.stderr
    assert any(b"stages.publish" in arguments for arguments in seen)
    assert not any(kaggle.state.keys["alice"].encode() in arguments for arguments in seen)
    written = json.loads(receipt.read_text())
    assert (written["version"], written["number"], written["target"]) == ("v1.0", 1, "kaggle")
    texts = done.stdout + done.stderr + failed.stderr + receipt.read_text()
    published = b"".join(versions(kaggle)[0].files.values())
    for secret in (kaggle.state.keys["alice"], "signed-url-secret", "blob-token"):
        assert secret not in texts and secret.encode() not in published
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"signed-url-secret" in path.read_bytes()]
    assert kept == []


def test_interrupted_while_waiting(kaggle: StandIn, tmp_path: Path) -> None:
    """Ctrl-C after the version was made: the next run finds it."""
    make_bundle(tmp_path, "one")
    kaggle.state.never_ready = True
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["publish"].update(target="kaggle")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LPR_KAGGLE_READY": "60"}
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.publish"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    )
    while not versions(kaggle):
        assert process.poll() is None
        threading.Event().wait(0.02)
    process.send_signal(2)
    assert process.wait(20) == 130
    assert not (tmp_path / "results" / "publish" / "receipt.json").exists()
    kaggle.state.never_ready = False
    done = run_stage(tmp_path)
    assert done.returncode == 0 and "already" in done.stdout
    assert len(versions(kaggle)) == 1


def test_without_credentials_the_ways_are_named(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    with pytest.raises(KaggleError, match=r"(?s)KAGGLE_API_TOKEN.*kaggle\.json.*\n.*secrets") as caught:
        publish_bundle(tmp_path)
    assert str(caught.value).count("\n") == 1
    assert Client().account is None


def test_what_datasets_init_leaves_in_the_models_is_no_part_of_a_version(kaggle: StandIn, tmp_path: Path) -> None:
    make_bundle(tmp_path, "one")
    (tmp_path / "models" / "dataset-metadata.json").write_text('{"title": "INSERT_TITLE_HERE", "id": "alice/x"}')
    for status in ("published", "unchanged"):
        release = prepare(tmp_path / "models", tmp_path / "results" / "evaluate", "a note")
        assert publish(release, open_target(settings()), settings()).status == status
    [version] = versions(kaggle)
    assert "dataset-metadata.json" not in version.files
    assert "dataset-metadata.json" not in json.loads(version.files["version.json"])["files"]
    assert find_models(KaggleTarget(NAME), "latest").whole


def test_a_version_without_the_file_that_tells_it_is_told_of_at_once(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LPR_KAGGLE_READY", "600")
    kaggle.state.forgets = {"version.json"}
    with pytest.raises(KaggleError, match=r"models/1 is on Kaggle but not whole: version.json is missing"):
        publish_bundle(tmp_path)


def test_a_version_counts_once_it_is_ready(
    kaggle: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the service already tells the number of a version that it still works on, that is waited for."""
    monkeypatch.setenv("LPR_KAGGLE_ANNOUNCE", "0")
    kaggle.state.polls_until_ready = 4
    monkeypatch.setattr("standin.state.Dataset.ready", lambda dataset: (dataset.versions or [None])[-1])
    assert publish_bundle(tmp_path)["number"] == 1
    assert versions(kaggle)[0].state == "READY"
    assert "waiting for the new version of alice/license-plate-models: blobs_received" in capsys.readouterr().err
