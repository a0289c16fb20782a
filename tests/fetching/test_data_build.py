"""fetch_data from sources to `data/`: rows of rejects, duplicates, leaks, names, and the same bytes every time."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from lpr.base.errors import LprError
from lpr.data.annotations import read_entries
from lpr.fetching import worker
from lpr.fetching.build import build_dataset
from lpr.fetching.images import pixel_digest
from lpr.fetching.near_duplicates import difference_hash
from lpr.fetching.sources import open_sources
from lpr.records.params import FetchData, Source
from lpr.synthetic.fonts import Fonts
from tests.fetching.drawn_photos import draw, save
from tests.fetching.fetch_run import Run

BOX = [20, 30, 60, 20]


def plate(text: str | None = None, box: list[float] | None = None, **more: object) -> dict:
    return {"plates": [{"bbox": box or BOX, "text": text, **more}]}


def photos(count: int, split: str = "x", first: int = 0) -> dict[str, dict]:
    return {f"{split}{i}.jpg": plate(f"{split.upper()}{i:05d}") for i in range(first, first + count)}


# what comes out


def test_given_splits_bytes_and_annotations_are_kept(run: Run, own_set, tmp_path: Path) -> None:
    entries = {
        "train": {"a.jpg": plate("ab 12-c", lines=2)},
        "val": {"b.jpg": {"plates": []}},
        "test": {"c.jpg": plate()},
    }
    folder = own_set(tmp_path / "set", entries)
    metrics = run({"path": str(folder), "name": "plates"})
    assert run.entries() == {
        "train": {
            "plates_a.jpg": {
                "plates": [{"bbox": [20.0, 30.0, 60.0, 20.0], "text": "AB12C", "lines": 2}],
                "source": "plates",
            }
        },
        "val": {"plates_b.jpg": {"plates": [], "source": "plates"}},
        "test": {"plates_c.jpg": {"plates": [{"bbox": [20.0, 30.0, 60.0, 20.0], "text": None}], "source": "plates"}},
    }
    stored = run.layout.data / "images" / "train" / "plates_a.jpg"
    assert stored.read_bytes() == (folder / "images" / "train" / "a.jpg").read_bytes()
    assert metrics["splits"]["train"] == {"photos": 1, "crops": 0, "plates": 1, "with_text": 1, "two_line": 1}
    assert metrics["total"] == {"photos": 3, "crops": 0, "plates": 2, "with_text": 1, "two_line": 1}
    assert metrics["sources"]["plates"]["converted"] == {"copied": 3}
    assert [entry.name for entry in read_entries(run.layout.data / "annotations" / "val.json")] == ["plates_b.jpg"]
    assert json.loads((run.layout.results / "metrics.json").read_text())["total"] == metrics["total"]
    with Image.open(run.layout.results / "samples.jpg") as sheet:
        assert sheet.width > 1000


def test_scaled_photos_take_their_boxes_along(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "set" / "images" / "a.png", 1, (1280, 640))
    (tmp_path / "set" / "all.json").write_text(json.dumps({"a.png": plate("AB12", [100, 200, 300, 80])}))
    metrics = run({"path": str(tmp_path / "set")})
    assert metrics["sources"]["s0"]["converted"] == {"from png": 1, "scaled": 1}
    ((split, entries),) = [(split, entries) for split, entries in run.entries().items() if entries]
    assert entries["s0_a.jpg"]["plates"][0]["bbox"] == [50.0, 100.0, 150.0, 40.0]
    with Image.open(run.layout.data / "images" / split / "s0_a.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (640, 320))


def test_crops_teach_reading_alone(run: Run, tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / "set" / "train" / f"c{number}.jpg", number, (64, 24))
    (tmp_path / "set" / "t.csv").write_text("image_path,plate_text,lines\ntrain/c0.jpg,AB1,2\ntrain/c1.jpg,??,1\n")
    metrics = run({"path": str(tmp_path / "set")})
    assert run.entries()["train"] == {"s0_c0.jpg": {"text": "AB1", "lines": 2, "source": "s0", "use": "reading"}}
    assert metrics["total"] == {"photos": 0, "crops": 1, "plates": 1, "with_text": 1, "two_line": 1}
    reason = "text has characters outside 0-9A-Z: ?; no usable plate is left"
    assert run.rejected() == [("s0", "train/c1.jpg", "plate", reason)]


def test_use_is_written_to_every_entry(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(1), "val": photos(1, "v"), "test": photos(1, "t")}, 40)
    run({"path": str(folder), "use": "detection", "licence": "CC0-1.0"})
    assert {entry["use"] for split in run.entries().values() for entry in split.values()} == {"detection"}
    manifest = json.loads((run.layout.data / "manifest.json").read_text())
    (source,) = manifest["sources"]
    assert (source["name"], source["kind"], source["format"], source["licence"]) == ("s0", "path", "own", "CC0-1.0")
    assert source["counts"]["photos"] == 3 and len(manifest["fingerprint"]) == 64
    assert str(tmp_path) not in json.dumps(manifest)


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("both", {"photo": "detection", "crop": "reading", "any": "both"}),
        ("detection", {"photo": "detection", "any": "detection"}),
        ("reading", {"crop": "reading", "any": "reading"}),
    ],
)
def test_an_entry_and_its_source_agree_on_what_it_is_for(
    run: Run, own_set, tmp_path: Path, source: str, uses: dict[str, str]
) -> None:
    entries = {
        "photo.jpg": plate("PHOTO1") | {"use": "detection"},
        "crop.jpg": plate("CROP12") | {"use": "reading"},
        "any.jpg": plate("ANY123"),
    }
    folder = own_set(tmp_path / "set", {"train": entries, "val": photos(1, "v"), "test": photos(1, "t")}, 50)
    metrics = run({"path": str(folder), "use": source})
    train = run.entries()["train"]
    assert {name[3:-4]: entry.get("use", "both") for name, entry in train.items()} == uses
    assert metrics["sources"]["s0"]["converted"].get(f"left out, not for {source}", 0) == 3 - len(uses)
    assert run.rejected() == []


def test_hashes_are_those_of_what_is_stored() -> None:
    renderer = {"name": "r", "kind": "synthetic", "use": "both", "photos": 12, "crops": 6, "style": "harsh"}
    sources = open_sources([Source.model_validate(renderer)], 3)
    settings = worker.Settings(tuple(sources), None, 80.0, 320, 30)
    worker.start(settings, in_pool=False)
    for kind, count in (("scene", 12), ("crop", 6)):
        for index in range(count):
            (outcome,) = worker.work([worker.Job(index, 0, "a.jpg", {"kind": kind, "index": index})])
            photo, _ = worker._render(kind, index, settings.sources[0], 320)
            data, _ = photo.encode(30)
            with Image.open(io.BytesIO(data)) as stored:
                assert outcome.pixels == pixel_digest(stored)
                assert outcome.dhash == (difference_hash(stored) if kind == "scene" else None)


def test_one_folder_of_fonts_is_read_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read: list[Path] = []

    def fonts_of(folder: Path) -> Fonts:
        read.append(folder)
        return Fonts((f"{folder.name}.ttf",), ())

    monkeypatch.setattr("lpr.synthetic.fonts.read_fonts", fonts_of)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    common = {"kind": "synthetic", "use": "both", "photos": 1, "crops": 1, "style": "legible"}
    rendered = [{"name": f"r{at}", "fonts": str(tmp_path / name), **common} for at, name in enumerate("aab")]
    opened = open_sources([Source.model_validate(source) for source in rendered], 3)
    assert read == [tmp_path / "a", tmp_path / "b"]
    assert [source.provenance["fonts"] for source in opened] == [["a.ttf"], ["a.ttf"], ["b.ttf"]]


# what is rejected


def test_every_rejected_entry_has_its_row(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(
        tmp_path / "set",
        {
            "train": {
                "good.jpg": plate("GOOD1"),
                "empty.jpg": plate(),
                "text.jpg": plate(),
                "half.jpg": plate(),
                "huge.jpg": plate(),
                "gone.jpg": plate(),
                "outside.jpg": plate("OUT1", [500, 500, 10, 10]),
                "flat.jpg": {"plates": [{"bbox": [1, 1, 0, 5]}, {"bbox": BOX, "text": "KEPT1"}]},
                "words.jpg": plate("ÄÖ 12"),
                "list.jpg": [],
                "../../../outside.jpg": plate(),
            },
            "val": photos(1, "v"),
            "test": photos(1, "t"),
        },
    )
    images = folder / "images" / "train"
    (images / "empty.jpg").write_bytes(b"")
    (images / "text.jpg").write_text("no picture")
    (images / "half.jpg").write_bytes((images / "half.jpg").read_bytes()[:900])
    (images / "huge.jpg").write_bytes(b"")
    draw(77, (2000, 1100)).save(images / "huge.jpg", "JPEG", quality=50)
    (images / "gone.jpg").unlink()
    save(images / "nobody.jpg", 99)
    metrics = run({"path": str(folder)})
    assert run.rejected() == [
        ("s0", "annotations/train.json, line 1", "list.jpg", "entry is not an object"),
        ("s0", "images/train/../../../outside.jpg", "", "path leads outside the source's folder"),
        ("s0", "images/train/empty.jpg", "", "file is empty"),
        ("s0", "images/train/flat.jpg", "plate 1", "box is degenerate: its width or height is not above 0"),
        ("s0", "images/train/gone.jpg", "", "entry without an image"),
        ("s0", "images/train/half.jpg", "", "image is truncated"),
        ("s0", "images/train/huge.jpg", "", "image of 2000x1100 is larger than 2 megapixels"),
        ("s0", "images/train/list.jpg", "", "image without an entry"),
        ("s0", "images/train/nobody.jpg", "", "image without an entry"),
        ("s0", "images/train/outside.jpg", "plate", "box lies outside the image; no usable plate is left"),
        ("s0", "images/train/text.jpg", "", "not readable as an image"),
        ("s0", "images/train/words.jpg", "plate", "text has characters outside 0-9A-Z: ÄÖ"),
    ]
    assert sorted(run.entries()["train"]) == ["s0_flat.jpg", "s0_good.jpg", "s0_words.jpg"]
    assert [p["text"] for p in run.entries()["train"]["s0_flat.jpg"]["plates"]] == ["KEPT1"]
    assert run.entries()["train"]["s0_words.jpg"]["plates"][0]["text"] is None
    rejected = metrics["sources"]["s0"]["rejected"]
    assert rejected["image without an entry"] == 2 and rejected["entries"] == 12


def test_too_large_a_share_of_rejects_stops_and_leaves_the_table(run: Run, own_set, tmp_path: Path) -> None:
    entries = photos(6) | {f"bad{i}.jpg": plate("AB12", [900, 900, 5, 5]) for i in range(3)} | {"odd.jpg": plate("Ä")}
    folder = own_set(tmp_path / "set", {"train": entries, "val": photos(1, "v"), "test": photos(1, "t")})
    with pytest.raises(LprError) as caught:
        run({"path": str(folder)}, max_rejected=0.3)
    message = str(caught.value)
    assert "4 of 12 entries were rejected, more than fetch_data.max_rejected = 0.3 allows" in message
    assert "box lies outside the image (3); text has characters outside 0-9A-Z (1)" in message
    table = run.layout.work / "rejected.csv"
    assert str(table) in message and len(table.read_text(encoding="utf-8").splitlines()) == 5
    assert not run.layout.data.exists()
    run({"path": str(folder)}, max_rejected=0.34)


def test_duplicates_are_dropped_with_a_row_and_do_not_count_as_rejects(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(4), "val": photos(1, "v"), "test": photos(1, "t")}, 10)
    images = folder / "images" / "train"
    (images / "x1.jpg").write_bytes((images / "x0.jpg").read_bytes())
    with Image.open(images / "x2.jpg") as image:  # the same photo and annotations, but other bytes and pixels
        image.save(images / "x3.jpg", quality=50)
    annotations = folder / "annotations" / "train.json"
    entries = json.loads(annotations.read_text())
    entries["x0.jpg"]["plates"][0]["text"] = None  # less is known of it: the copy stays
    entries["x3.jpg"] = entries["x2.jpg"]
    annotations.write_text(json.dumps(entries))
    run({"path": str(folder)}, max_rejected=0.0)
    assert run.rejected() == [
        ("s0", "images/train/x0.jpg", "", "duplicate: same pixels as s0_x1.jpg"),
        (
            "s0",
            "images/train/x3.jpg",
            "",
            "duplicate: near-identical photo with the same annotations as s0_x2.jpg",
        ),
    ]


def test_a_source_in_which_nothing_can_be_read_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "set" / "annotations").mkdir(parents=True)
    (tmp_path / "set" / "annotations" / "train.json").write_text('{"a": 1, "b": 2}')
    with pytest.raises(LprError, match=r"source s0: no entry could be read: entry is not an object \(2\)"):
        run({"path": str(tmp_path / "set"), "format": "own"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(LprError, match=r"source s0: .*no annotations found; there are no files"):
        run({"path": str(tmp_path / "empty")})


# leaks and groups


def leaking(folder: Path, own_set, first: str, second: str) -> Path:
    return own_set(
        folder, {"train": photos(5) | {"a.jpg": plate(first)}, "val": photos(2, "v"), "test": {"b.jpg": plate(second)}}
    )


def test_one_text_in_two_given_splits_fails_and_names_the_pair(run: Run, own_set, tmp_path: Path) -> None:
    folder = leaking(tmp_path / "set", own_set, "LEAK 42", "leak-42")
    with pytest.raises(LprError) as caught:
        run({"path": str(folder)})
    assert "images/train/a.jpg (train) and images/test/b.jpg (test): the same text LEAK42" in str(caught.value)
    assert "Put both images of each pair into one split, or take the splits out" in str(caught.value)
    assert not run.layout.data.exists()


def test_short_texts_prove_no_leak(run: Run, own_set, tmp_path: Path) -> None:
    run({"path": str(leaking(tmp_path / "set", own_set, "BMW", "BMW"))})
    assert "s0_b.jpg" in run.entries()["test"]


@pytest.mark.parametrize(("quality", "reason"), [(None, "the same pixels"), (45, "near-duplicates")])
def test_one_photo_in_two_given_splits_fails(run: Run, own_set, tmp_path: Path, quality, reason: str) -> None:
    folder = leaking(tmp_path / "set", own_set, "AAAA1", "BBBB2")
    first, second = folder / "images/train/a.jpg", folder / "images/test/b.jpg"
    if quality is None:
        second.write_bytes(first.read_bytes())
    else:
        with Image.open(first) as image:
            image.resize((200, 150)).save(second, quality=quality)
    with pytest.raises(LprError, match=rf"images/train/a\.jpg \(train\) and images/test/b\.jpg \(test\): {reason}"):
        run({"path": str(folder)})


def test_plain_images_are_no_near_duplicates(run: Run, own_set, tmp_path: Path) -> None:
    folder = leaking(tmp_path / "set", own_set, "AAAA1", "BBBB2")
    Image.new("RGB", (160, 120), (90, 90, 90)).save(folder / "images/train/a.jpg")
    Image.new("RGB", (160, 120), (20, 20, 90)).save(folder / "images/test/b.jpg")
    run({"path": str(folder)})
    assert "s0_a.jpg" in run.entries()["train"] and "s0_b.jpg" in run.entries()["test"]
    assert run.rejected() == []


def test_very_few_near_duplicates_among_many_are_taken_out_of_train(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(998), "val": photos(1, "v"), "test": photos(1, "t")}, 500)
    with Image.open(folder / "images/train/x7.jpg") as image:
        image.save(folder / "images/test/t0.jpg", quality=45)
    run({"path": str(folder)})
    assert run.rejected() == [
        ("s0", "images/train/x7.jpg", "", "near-duplicate of another split's image: images/test/t0.jpg (test)")
    ]
    assert len(run.entries()["train"]) == 997 and "s0_t0.jpg" in run.entries()["test"]


def test_groups_stay_together_across_sources_and_the_given_split_wins(run: Run, own_set, tmp_path: Path) -> None:
    given = own_set(tmp_path / "a", {"train": photos(8), "val": photos(2, "v"), "test": photos(3, "t")})
    free = tmp_path / "b"
    for number in range(20):
        save(free / "images" / f"f{number}.jpg", 300 + number)
    texts = [f"T{i:05d}" for i in range(3)] + ["PAIR1", "PAIR1"] + [f"F{i:05d}" for i in range(15)]
    entries = {f"f{number}.jpg": plate(text) for number, text in enumerate(texts)}
    (free / "all.json").write_text(json.dumps(entries))
    run({"path": str(given), "name": "given"}, {"path": str(free), "name": "free"})
    where = {name: split for split, found in run.entries().items() for name in found}
    assert [where[f"free_f{i}.jpg"] for i in range(3)] == ["test"] * 3
    assert where["free_f3.jpg"] == where["free_f4.jpg"]
    assert {split: sum(name.startswith("free") for name in found) for split, found in run.entries().items()} == {
        "train": 12,
        "val": 4,
        "test": 4,
    }


def test_the_guides_train_and_val_get_a_test_split(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(16), "val": photos(4, "v")})
    metrics = run({"path": str(folder)})
    assert {split: len(found) for split, found in run.entries().items()} == {"train": 12, "val": 4, "test": 4}
    assert metrics["cut_off"] == {"s0": ["test"]}
    assert json.loads((run.layout.data / "manifest.json").read_text())["splits"]["cut_off"] == {"s0": ["test"]}


# names


def test_names_are_safe_and_unique(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    names = [
        "a/x.jpg",
        "b/x.png",
        "a/X.jpg",
        "a/Kennzeichen Ä №1.jpg",
        "a/...jpg.jpg",
        "a/-rf.jpg",
        "a/" + "n" * 200 + ".jpg",
    ]
    for seed, name in enumerate(names):
        save(folder / "images" / name, seed)
    (folder / "all.json").write_text(json.dumps({name: plate(f"TEXT{i}") for i, name in enumerate(names)}))
    run({"path": str(folder), "name": "s"})
    found = {entry["plates"][0]["text"]: name for split in run.entries().values() for name, entry in split.items()}
    assert found["TEXT0"] == "s_x.jpg" and len(found) == len({name.casefold() for name in found.values()}) == 7
    assert all(
        set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") for name in found.values()
    )
    assert all(len(name) < 120 and ".." not in name for name in found.values())
    stored = {Path(name).name for name in run.images() if name.startswith("images")}
    assert stored == set(found.values())


def test_a_name_that_is_no_unicode_is_taken_as_it_is(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "set" / "images"
    save(folder / "good.jpg", 1)
    try:
        save(tmp_path / "plain.jpg", 2).rename(os.fsdecode(os.fsencode(folder) + b"/bad\xff.jpg"))
    except OSError:
        pytest.skip("this file system refuses names that are no UTF-8")
    (tmp_path / "set" / "all.json").write_text('{"good.jpg": {"plates": []}, "bad\\udcff.jpg": {"plates": []}}')
    run({"path": str(tmp_path / "set")})
    assert sum(len(found) for found in run.entries().values()) == 2


def test_a_second_entry_for_an_image_is_rejected(run: Run, tmp_path: Path) -> None:
    save(tmp_path / "set" / "images" / "a.jpg", 1)
    (tmp_path / "set" / "all.json").write_text('{"a.jpg": {"plates": []},\n"a.jpg": {"text": "AB12"}}')
    run({"path": str(tmp_path / "set")})
    assert run.rejected() == [("s0", "all.json, line 2", "images/a.jpg", "second entry for the same image")]


# sources


def test_limit_is_spread_over_splits_and_repeatable(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(20), "val": photos(10, "v"), "test": photos(10, "t")})
    run({"path": str(folder), "limit": 8})
    first = run.entries()
    assert {split: len(found) for split, found in first.items()} == {"train": 4, "val": 2, "test": 2}
    run({"path": str(folder), "limit": 8})
    assert run.entries() == first
    run({"path": str(folder), "limit": 8}, seed=8)
    assert run.entries() != first
    run({"path": str(folder), "limit": 1000})
    assert sum(map(len, run.entries().values())) == 40


def test_paths_with_variables_home_and_a_wrapping_folder(run: Run, own_set, tmp_path: Path, monkeypatch) -> None:
    own_set(tmp_path / "home" / "wrap" / "set", {"train": photos(1), "val": photos(1, "v"), "test": photos(1, "t")})
    monkeypatch.setenv("LPR_TEST_PLATES", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for path in ("${LPR_TEST_PLATES}/wrap", "$LPR_TEST_PLATES", "~/wrap/set"):
        assert run({"path": path})["total"]["photos"] == 3
    monkeypatch.delenv("LPR_TEST_PLATES")
    with pytest.raises(
        LprError, match=r"source s0: path is '\$\{LPR_TEST_PLATES\}/x', but .* LPR_TEST_PLATES is not set"
    ):
        run({"path": "${LPR_TEST_PLATES}/x"})
    with pytest.raises(LprError, match="source s0: path is '~/nowhere': there is no folder"):
        run({"path": "~/nowhere"})


def test_rendered_plates_become_scenes_and_crops(run: Run) -> None:
    source = {"kind": "synthetic", "name": "rendered", "photos": 6, "crops": 12, "style": "legible"}
    metrics = run(source)
    total = metrics["total"]
    assert (total["photos"], total["crops"]) == (6, 12)
    crops = [e for split in run.entries().values() for n, e in split.items() if "crop" in n]
    assert {entry["use"] for entry in crops} == {"reading"}
    assert all(len(e["plates"]) == 1 and len(e["plates"][0]["centres"]) == len(e["plates"][0]["text"]) for e in crops)


# the same bytes, whole or not at all


def test_two_runs_and_any_number_of_workers_give_the_same_bytes(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(40), "val": photos(4, "v")})
    (folder / "images" / "train" / "x3.jpg").write_bytes(b"")
    sources = (
        {"path": str(folder)},
        {"kind": "synthetic", "photos": 4, "crops": 20, "style": "harsh"},
    )
    run(*sources)
    first, table = run.images(), run.rejected()
    sheet = (run.layout.results / "samples.jpg").read_bytes()
    for workers in (1, 2, 3):
        run(*sources, workers=workers)
        assert run.images() == first
        assert run.rejected() == table
        assert (run.layout.results / "samples.jpg").read_bytes() == sheet
    assert len(first) > 60


def test_workers_can_be_spawned(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(20), "val": photos(2, "v"), "test": photos(2, "t")})
    run({"path": str(folder)})
    first = run.images()
    section = FetchData.model_validate(
        {
            "sources": [{"kind": "path", "use": "both", "name": "s0", "path": str(folder)}],
            "shares": {"train": 0.6, "val": 0.2, "test": 0.2},
            "max_rejected": 1.0,
            "max_megapixels": 2.0,
            "max_side": 640,
            "jpeg_quality": 90,
        }
    )
    build_dataset(section, 7, run.layout, 2, "spawn")
    assert run.images() == first


def test_a_failure_leaves_the_earlier_data_whole(run: Run, own_set, tmp_path: Path) -> None:
    good = own_set(tmp_path / "good", {"train": photos(3), "val": photos(1, "v"), "test": photos(1, "t")})
    run({"path": str(good)})
    before = run.images()
    with pytest.raises(LprError, match="leak"):
        run({"path": str(leaking(tmp_path / "bad", own_set, "LEAK42", "LEAK42"))})
    assert run.images() == before
    assert not (run.layout.work / "running").exists()
    (run.layout.results / "metrics.json").unlink()
    (run.layout.results / "metrics.json").mkdir()  # nothing can be written there
    with pytest.raises(LprError, match="data/ was left as it was"):
        run({"path": str(good), "limit": 3})
    assert run.images() == before


def test_ctrl_c_while_the_folders_are_swapped_leaves_the_earlier_data(
    run: Run, own_set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(3), "val": photos(1, "v"), "test": photos(1, "t")})
    run({"path": str(folder)})
    before = run.images()
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        moved = rename(self, target)
        if self == run.layout.data:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run({"path": str(folder), "limit": 3})
    assert run.images() == before


def test_what_a_killed_run_left_is_cleared_away(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(3), "val": photos(1, "v"), "test": photos(1, "t")})
    left = run.layout.work / "running" / "inbox"
    left.mkdir(parents=True)
    (left / "s0_x0.jpg").write_bytes(b"half")
    run({"path": str(folder)})
    assert not (run.layout.work / "running").exists()
    assert b"half" not in run.images().values()


def test_a_worker_that_is_killed_ends_the_run_with_a_message(run: Run, own_set, tmp_path: Path) -> None:
    folder = own_set(tmp_path / "set", {"train": photos(300), "val": photos(1, "v"), "test": photos(1, "t")})

    def kill_one() -> None:
        inbox = run.layout.work / "running" / "inbox"
        while not (inbox.is_dir() and any(inbox.iterdir())):
            time.sleep(0.002)
        victim = multiprocessing.active_children()[0].pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    with pytest.raises(LprError, match="a worker of fetch_data died"):
        run({"path": str(folder)}, workers=2)
    killer.join()
    assert not run.layout.data.exists() and not (run.layout.work / "running").exists()
