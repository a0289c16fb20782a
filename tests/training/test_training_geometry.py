from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lpr.data.annotations import Entry, Plate, write_entries
from lpr.data.crops import ROOM, STORED, Crop, draw, read_crops
from lpr.data.photos import BoxedPhoto, read_photos
from lpr.plate.crop import ocr_input
from lpr.records.params import Ocr, load_params
from lpr.training.detector.augment import Plates, closer, filled, flip, look, look_turned, turned, whole
from lpr.training.detector.task import MOST, PhotoSamples, plates_of
from lpr.training.ocr.augment import cut, move, window

ROOT = Path(__file__).parents[2]


def params(**values: float) -> Ocr:
    """Parameters that leave a crop as the plate's box, but for these."""
    plain = {"margin": 0.0, "jitter": 0.0, "tilt": 0.0, "slant": 0.0, "turn": 0.0}
    return load_params(ROOT / "params.yaml").ocr.model_copy(update={**plain, **values})


def photo(path: Path) -> Path:
    """A 200 x 100 photo whose red grows by column and green by row."""
    x, y = np.meshgrid(np.arange(200), np.arange(100))
    Image.fromarray(np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8)).save(path)
    return path


def test_a_training_cut_without_jitter_is_what_the_recogniser_sees(tmp_path: Path) -> None:
    crop = Crop(photo(tmp_path / "p.png"), (60.0, 30.0, 80.0, 40.0), "A", 1, None)
    corners = window(2.0, params(margin=0.06), np.random.default_rng(0))
    assert corners == pytest.approx(np.array([[-0.06, -0.06], [1.06, -0.06], [1.06, 1.06], [-0.06, 1.06]]))
    trained, _ = cut(draw(crop), corners)
    with Image.open(crop.image) as image:
        used = ocr_input(image.convert("RGB"), (60.0, 30.0, 80.0, 40.0), 0.06)
    assert np.abs(trained.astype(int) - used.astype(int)).max() <= 1


def test_points_move_with_the_pixels() -> None:
    stored = np.zeros((*STORED, 3), np.uint8)
    # A white dot at three quarters of the box's width and a quarter of its height.
    x, y = (np.array([0.75, 0.25]) + ROOM) / (1 + 2 * np.array(ROOM)) * np.array([STORED[1], STORED[0]])
    stored[int(y) - 1 : int(y) + 2, int(x) - 2 : int(x) + 3] = 255
    for seed in range(5):
        some = params(margin=0.06, jitter=0.05, tilt=3.0, slant=5.0, turn=20.0)
        image, transform = cut(stored, window(4.0, some, np.random.default_rng(seed)))
        ((px, py),) = move(((0.75, 0.25),), transform)
        rows, columns = np.nonzero(image[..., 0] > 60)
        assert columns.mean() + 0.5 == pytest.approx(px * 128, abs=1.5)
        assert rows.mean() + 0.5 == pytest.approx(py * 32, abs=1.5)


def test_tilt_turns_a_crop_without_changing_its_shape() -> None:
    # In the plate's own shape a turn keeps lengths and the middle; half of the draws turn each way.
    turned = [window(3.0, params(tilt=5.0), np.random.default_rng(seed)) * [3, 1] for seed in range(40)]
    angles = []
    for corners in turned:
        assert np.hypot(*(corners[1] - corners[0])) == pytest.approx(3)
        assert np.hypot(*(corners[3] - corners[0])) == pytest.approx(1)
        assert corners.mean(axis=0) == pytest.approx([1.5, 0.5])
        angles.append(np.degrees(np.arctan2(*(corners[1] - corners[0])[::-1])))
    assert max(angles) <= 10.0 + 1e-6
    assert min(angles) >= -10.0 - 1e-6
    assert np.std(angles) == pytest.approx(5.0, abs=1.5)


def test_slant_leans_the_sides_and_leaves_the_lines_level() -> None:
    angles = []
    for seed in range(40):
        corners = window(3.0, params(slant=6.0), np.random.default_rng(seed)) * [3, 1]
        assert corners[:, 1] == pytest.approx(np.array([0, 0, 1, 1]))
        assert corners[1, 0] - corners[0, 0] == pytest.approx(3)
        angles.append(np.degrees(np.arctan(corners[3, 0] - corners[0, 0])))
    assert max(np.abs(angles)) <= 12.0 + 1e-6
    assert np.std(angles) == pytest.approx(6.0, abs=2)


def test_a_fifth_of_the_crops_show_a_turned_plate_touching_all_four_edges() -> None:
    turned = 0
    for seed in range(400):
        corners = window(4.0, params(turn=20.0), np.random.default_rng(seed))
        if np.allclose(corners, [[0, 0], [1, 0], [1, 1], [0, 1]]):
            continue
        turned += 1
        _, transform = cut(np.zeros((*STORED, 3), np.uint8), corners)
        plate = np.array(move(((0, 0), (1, 0), (1, 1), (0, 1)), transform))
        # Its bounding box is the whole crop, its upper edge turned by at most 20 degrees.
        assert plate.min(axis=0) == pytest.approx([0, 0], abs=1e-5)
        assert plate.max(axis=0) == pytest.approx([1, 1], abs=1e-5)
        sides = corners * [4, 1]
        assert abs(np.degrees(np.arctan2(*(sides[1] - sides[0])[::-1]))) <= 20 + 1e-6
    assert turned / 400 == pytest.approx(0.2, abs=0.06)


def test_margins_vary_with_the_jitter() -> None:
    areas = []
    for seed in range(200):
        corners = window(4.0, params(margin=0.06, jitter=0.06), np.random.default_rng(seed))
        areas.append((np.ptp(corners[:, 0]), np.ptp(corners[:, 1])))
    # Two edges each vary by 0.06, and both by 0.03 together: a spread of 0.104, and some for the corners.
    assert np.mean(areas, axis=0) == pytest.approx([1.14, 1.19], abs=0.05)
    assert 0.08 < np.std(areas, axis=0)[0] < 0.14


def test_crops_are_read_with_centres_in_fractions_of_the_box(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "train"
    folder.mkdir(parents=True)
    for name in ("a.png", "b.png", "c.png", "d.png"):
        photo(folder / name)
    quad = ((100.0, 55.0), (140.0, 50.0), (140.0, 65.0), (100.0, 70.0))
    plate = Plate((100, 50, 40, 20), "AB", 1, quad, ((110, 60), (130, 60)))
    entries = [
        Entry("a.png", (plate, Plate((0, 0, 10, 10)))),
        Entry("b.png", text="CD", centres=((50, 50), (150, 50))),
        Entry("c.png", (plate,), use="detection"),
        Entry("d.png", ()),
    ]
    write_entries(tmp_path / "annotations" / "train.json", entries)
    crops = read_crops(tmp_path, "train")
    assert [(crop.image.name, crop.text, crop.centres) for crop in crops] == [
        ("a.png", "AB", ((0.25, 0.5), (0.75, 0.5))),
        ("b.png", "CD", ((0.25, 0.5), (0.75, 0.5))),
    ]
    photos = read_photos(tmp_path, "train")
    assert [(p.image.name, len(p.boxes), p.aspect) for p in photos] == [
        ("a.png", 2, 2.0),
        ("c.png", 1, 2.0),
        ("d.png", 0, 2.0),
    ]
    assert photos[0].boxes[0] == (0.5, 0.5, 0.7, 0.7)
    # Corners that are not known are the box's.
    plates = plates_of(photos[0])
    assert plates.known.tolist() == [True, False]
    assert plates.quads[0].tolist() == [[0.5, 0.55], [0.7, 0.5], [0.7, 0.65], [0.5, 0.7]]
    assert plates.quads[1] == pytest.approx(np.array([[0, 0], [0.05, 0], [0.05, 0.1], [0, 0.1]]))


def boxed(*boxes: tuple[float, float, float, float]) -> Plates:
    """Plates whose corners are not known."""
    rows = np.array(boxes, np.float64).reshape(-1, 4)
    quads = rows[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    return Plates(rows, quads, np.zeros(len(rows), bool))


def test_a_view_moves_boxes_with_the_pixels() -> None:
    stored = np.zeros((100, 100, 3), np.uint8)
    stored[40:50, 20:60] = 255
    image, found = look(stored, boxed((0.2, 0.4, 0.6, 0.5)), (0.1, 0.2, 0.9, 1.0), 160)
    assert found.boxes.tolist() == [[20.0, 40.0, 100.0, 60.0]]
    assert found.quads.tolist() == [[[20.0, 40.0], [100.0, 40.0], [100.0, 60.0], [20.0, 60.0]]]
    assert found.known.tolist() == [False]
    rows, columns = np.nonzero(image[..., 0] > 127)
    assert (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1) == (20, 100, 40, 60)


def test_a_view_over_the_edge_is_grey_there() -> None:
    image, found = look(np.zeros((100, 100, 3), np.uint8), boxed(), (-0.5, -0.5, 0.5, 0.5), 100)
    assert (image[:49, :] == 114).all()
    assert (image[52:, 52:] == 0).all()
    assert found.boxes.shape == (0, 4)


def test_plates_that_are_cut_off_or_too_small_are_not_asked_for() -> None:
    plates = boxed((0.0, 0.0, 0.4, 0.1), (0.5, 0.5, 0.505, 0.51), (0.6, 0.6, 0.8, 0.7))
    _, found = look(np.zeros((100, 100, 3), np.uint8), plates, (0.3, 0.0, 1.0, 1.0), 100)
    assert len(found.boxes) == len(found.quads) == len(found.known) == 1


def test_flip_mirrors_boxes() -> None:
    image = np.zeros((10, 20, 3), np.uint8)
    image[2:4, 1:5] = 9
    quads = np.array([[[1.0, 3.0], [4.0, 2.0], [5.0, 3.0], [2.0, 4.0]]])
    mirrored, plates = flip(image, Plates(np.array([[1.0, 2.0, 5.0, 4.0]]), quads, np.ones(1, bool)))
    assert plates.boxes.tolist() == [[15.0, 2.0, 19.0, 4.0]]
    assert plates.quads.tolist() == [[[16.0, 2.0], [19.0, 3.0], [18.0, 4.0], [15.0, 3.0]]]
    assert (mirrored[2:4, 15:19] == 9).all()


def test_corners_and_boxes_of_a_turned_photo_follow_the_pixels() -> None:
    # A plate on a squared photo of 3:2, each corner in a colour of its own.
    side, colours = 480, np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]])
    stored = np.zeros((side, side, 3), np.uint8)
    box = (0.4, 0.45, 0.6, 0.55)
    plates = boxed(box)
    for (x, y), colour in zip(plates.quads[0] * side, colours, strict=True):
        stored[round(y) - 5 : round(y) + 5, round(x) - 5 : round(x) + 5] = colour
    angles, checked = [], 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        turn = turned(np.array([0.5, 0.5]), 1.5, rng)
        moved = plates.moved(turn)
        assert moved.known.all()
        view = closer(tuple(moved.boxes[0]), 1.5, rng) if seed % 2 else whole(rng)
        image, found = look_turned(stored, moved, turn, view, 224)
        assert len(found.quads) == 1
        for corner, colour in zip(found.quads[0], colours, strict=True):
            likeness = np.clip(150.0 - np.abs(image.astype(float) - colour).sum(axis=2), 0, None)
            rows, columns = np.mgrid[:224, :224] + 0.5
            if (np.abs(corner - 112) < 100).all() and likeness.sum() > 0:
                where = [(likeness * columns).sum() / likeness.sum(), (likeness * rows).sum() / likeness.sum()]
                assert where == pytest.approx(corner.tolist(), abs=1.5)
                checked += 1
        low, high = found.quads[0].min(axis=0), found.quads[0].max(axis=0)
        assert found.boxes[0] == pytest.approx(np.clip([*low, *high], 0, 224), abs=1e-6)
        across = (moved.quads[0, 1] - moved.quads[0, 0]) * [1.5, 1]
        angles.append(np.degrees(np.arctan2(across[1], across[0])))
    assert checked > 90
    assert min(angles) < -15
    assert max(angles) > 15
    assert np.abs(angles).max() < 60


def test_a_turned_photo_that_is_not_turned_is_the_view_itself() -> None:
    rng = np.random.default_rng(2)
    stored = np.kron(rng.integers(0, 255, (30, 30, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    plates = boxed((0.3, 0.4, 0.6, 0.5))
    straight, expected = look(stored, plates, (0.0, 0.0, 1.0, 1.0), 224)
    image, found = look_turned(stored, plates, np.eye(3), (0.0, 0.0, 1.0, 1.0), 224)
    assert found.boxes == pytest.approx(expected.boxes)
    assert np.abs(image.astype(int) - straight).mean() < 4
    image, _ = look_turned(stored, plates, np.eye(3), (-1.0, 0.0, 1.0, 1.0), 224, fill=7)
    assert (image[:, :110] == 7).all()


def test_samples_turn_and_fill_as_the_parameters_say() -> None:
    defaults = load_params(ROOT / "params.yaml").detector
    photos = [BoxedPhoto(Path("a.png"), 1.5, ((0.3, 0.4, 0.6, 0.55),), (None,)), BoxedPhoto(Path("b.png"), 1.5, (), ())]
    stored = np.random.default_rng(1).integers(0, 255, (2, 480, 480, 3)).astype(np.uint8)

    def samples(**changes: float) -> list[dict[str, torch.Tensor]]:
        changed = defaults.model_copy(update={"mosaic": 0.0, "zoom": 0.0, "turn": 0.0, "close": 0.0} | changes)
        drawn = PhotoSamples(photos, stored, changed, seed=3)
        # The same again, whatever was drawn before.
        assert all(torch.equal(drawn[5, 0][name], value) for name, value in drawn[5, 0].items())
        assert not drawn[0, 1]["truths"].any()
        return [drawn[epoch, 0] for epoch in range(30)]

    def widths(drawn: list[dict[str, torch.Tensor]]) -> list[float]:
        return [float(sample["truths"][0, 2] - sample["truths"][0, 0]) / 224 for sample in drawn]

    straight = samples()
    assert not any(sample["known"].any() for sample in straight)
    assert max(widths(straight)) < 0.42
    close = samples(close=1.0)
    assert min(widths(close)) > 0.45
    assert max(widths(close)) > 0.9
    turned = [sample for sample in samples(turn=1.0) if sample["truths"].any()]
    assert len(turned) > 20
    for sample in turned:
        assert sample["known"].tolist() == [True] + [False] * (MOST - 1)
        quad, box = sample["quads"][0], sample["truths"][0]
        bounds = torch.cat([quad.amin(dim=0), quad.amax(dim=0)]).clip(0, 224)
        assert torch.allclose(bounds, box, atol=1e-3)
        assert (sample["matched"] >= 0).any()


def test_filling_views_hold_nearly_the_whole_plate() -> None:
    rng = np.random.default_rng(5)
    shares = []
    for _ in range(300):
        left, top = rng.uniform(0, 0.6, 2)
        box = (left, top, left + rng.uniform(0.1, 0.4), top + rng.uniform(0.05, 0.4))
        x0, y0, x1, y1 = filled(box, 1.5, 2.0, rng)
        shares.append((box[2] - box[0]) / (x1 - x0))
        seen = (min(x1, box[2]) - max(x0, box[0])) * (min(y1, box[3]) - max(y0, box[1]))
        assert seen >= 0.85 * (box[2] - box[0]) * (box[3] - box[1])
    assert min(shares) >= 0.5 - 1e-9
    assert 1.0 < max(shares) <= 1.1 + 1e-9


def test_closer_views_hold_the_plate_at_a_useful_size() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        left, top = rng.uniform(0, 0.8, 2)
        box = (left, top, left + rng.uniform(0.02, 0.2), top + rng.uniform(0.01, 0.2))
        x0, y0, x1, y1 = closer(box, 1.5, rng)
        assert x0 <= box[0] + 1e-9
        assert y0 <= box[1] + 1e-9
        assert x1 >= box[2] - 1e-9
        assert y1 >= box[3] - 1e-9
        assert 0.119 < (box[2] - box[0]) / (x1 - x0) < 0.751
        if x1 - x0 < 1:
            assert x0 >= -1e-9
            assert x1 <= 1 + 1e-9


def test_whole_views_stay_around_the_photo() -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        x0, y0, x1, y1 = whole(rng)
        assert 0.7 < x1 - x0 < 1.2
        assert -0.2 < y0 < 0.3
        assert y1 < 1.2
