from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lpr.plate.crop import OCR_HEIGHT, OCR_WIDTH, ocr_input
from lpr.plate.quad import corners_of, homography, lean, straightened, transform
from lpr.synthetic import Renderer


def turn(degrees: float, middle: tuple[float, float]) -> np.ndarray:
    """A turn of the plane, clockwise on the screen, as a matrix."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = middle
    return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y], [0, 0, 1]])


def turned_photo(photo: Image.Image, matrix: np.ndarray) -> Image.Image:
    back = np.linalg.inv(matrix)
    return photo.transform(
        photo.size, Image.Transform.PERSPECTIVE, (back / back[2, 2]).ravel()[:8].tolist(), Image.Resampling.BICUBIC
    )


def test_a_homography_by_hand() -> None:
    # A square of 1 to one twice as wide and shifted: affine; and to a trapezium: (x, y) -> (x, y) / (1 + y).
    unit = [[0, 0], [1, 0], [1, 1], [0, 1]]
    matrix = homography(unit, [[3, 4], [5, 4], [5, 5], [3, 5]])
    assert matrix == pytest.approx(np.array([[2, 0, 3], [0, 1, 4], [0, 0, 1]]))
    assert transform(matrix, [[0.5, 0.5]]).tolist() == [[4.0, 4.5]]
    matrix = homography(unit, [[0, 0], [1, 0], [0.5, 0.5], [0, 0.5]])
    assert matrix == pytest.approx(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]]))
    assert transform(matrix, [[1, 0.25]])[0] == pytest.approx([0.8, 0.2])


def test_corners_of_boxes_are_clockwise_from_the_top_left() -> None:
    assert corners_of([[1, 2, 10, 4]]).tolist() == [[[1, 2], [11, 2], [11, 6], [1, 6]]]


@pytest.mark.parametrize(
    ("quad", "angle", "slant"),
    [
        ([[0, 0], [100, 0], [100, 25], [0, 25]], 0, 0),
        ([[0, 0], [100, 10], [100, 35], [0, 25]], 5.71, 0),  # atan(10 / 100)
        ([[0, 10], [100, 0], [103, 30], [3, 40]], -5.71, -5.71),  # turned as a whole
        ([[6, 0], [106, 0], [100, 25], [0, 25]], 0, 13.5),  # atan(6 / 25)
        ([[0, 0], [100, 0], [106, 25], [0, 25]], 0, -6.84),  # one side only: atan(3 / 25)
        ([[0, 25], [100, 60], [100, 35], [0, 0]], 0, 0),  # anticlockwise: no plate
        ([[0, 0], [100, 60], [100, 61], [0, 1]], 0, 0),  # too thin
        ([[0, 0], [100, float("nan")], [100, 61], [0, 1]], 0, 0),
    ],
)
def test_how_much_a_plate_leans(quad: list[list[float]], angle: float, slant: float) -> None:
    assert lean(quad) == pytest.approx((angle, slant), abs=0.01)


@pytest.mark.parametrize("degrees", [-35, -25, 15, 25])
@pytest.mark.parametrize("reduced", [1, 3])
def test_a_turned_plate_is_cut_as_if_it_were_upright(degrees: float, reduced: int) -> None:
    renderer = Renderer("legible", 5)
    crops = [renderer.scene(index) for index in range(8)]
    scene = max((scene for scene in crops if scene.plates), key=lambda scene: max(p.box[2] for p in scene.plates))
    plate = max(scene.plates, key=lambda plate: plate.box[2])
    photo = Image.fromarray(scene.image)
    photo = photo.resize((photo.width * 3, photo.height * 3), Image.Resampling.BICUBIC)
    quad = np.array(plate.quad) * 3
    upright = ocr_input(photo, plate.box, 0.06, quad).astype(float)
    matrix = turn(degrees, tuple(quad.mean(axis=0)))
    rotated = turned_photo(photo, matrix)
    moved = transform(matrix, quad)
    if reduced > 1:
        rotated = rotated.reduce(reduced)
        moved = moved / reduced
    low, high = moved.min(axis=0), moved.max(axis=0)
    box = (low[0], low[1], high[0] - low[0], high[1] - low[1])
    straight = ocr_input(rotated, box, 0.06, moved).astype(float)
    assert straight.shape == (OCR_HEIGHT, OCR_WIDTH, 3)
    assert np.corrcoef(straight.ravel(), upright.ravel())[0, 1] > 0.97
    # Cut along its box it looks otherwise.
    boxed = ocr_input(rotated, box, 0.06).astype(float)
    assert np.corrcoef(boxed.ravel(), upright.ravel())[0, 1] < 0.8


def test_a_straight_cut_of_an_upright_plate_is_its_box() -> None:
    rng = np.random.default_rng(1)
    image = np.kron(rng.integers(0, 255, (12, 16, 3)), np.ones((25, 25, 1))).astype(np.uint8)
    photo = Image.fromarray(image)
    for box in ((40.0, 50.0, 300.0, 80.0), (100.5, 100.25, 64.0, 40.0)):
        by_quad = straightened(photo, corners_of(box), 0.05, OCR_WIDTH, OCR_HEIGHT).astype(float)
        by_box = ocr_input(photo, box, 0.05).astype(float)
        assert np.abs(by_quad - by_box).mean() < 3


def test_nothing_is_lost_between_the_samples_of_a_large_plate() -> None:
    # Lines of one pixel, 0 and 255 in turn, are grey when 1,280 of them become 128.
    stripes = np.zeros((320, 1280, 3), np.uint8)
    stripes[:, ::2] = 255
    cut = straightened(Image.fromarray(stripes), corners_of((0, 0, 1280, 320)), 0.0, OCR_WIDTH, OCR_HEIGHT)
    assert cut[4:-4, 4:-4].std() < 12
    assert cut[4:-4, 4:-4].mean() == pytest.approx(127, abs=4)


def test_beyond_the_photo_it_is_grey() -> None:
    white = Image.new("RGB", (100, 100), (255, 255, 255))
    outside = straightened(white, [[200, 200], [260, 230], [250, 250], [190, 220]], 0.05, OCR_WIDTH, OCR_HEIGHT)
    assert (outside == 114).all()
    half = straightened(white, [[60, 20], [140, 60], [130, 80], [50, 40]], 0.0, OCR_WIDTH, OCR_HEIGHT)
    assert (half[:, :40] == 255).all()
    assert (half[:, -40:] == 114).all()
