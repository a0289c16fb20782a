"""The whole evaluation: measure, judge, write. The stage `evaluate` is this with paths and parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from lpr.base.files import atomic_path, sha256, write_json
from lpr.data.annotations import read_entries
from lpr.evaluation import gates
from lpr.evaluation.evaluator import measure, open_image
from lpr.evaluation.latency import measure_latency
from lpr.evaluation.reader import Reader
from lpr.evaluation.report.examples import choose, contact_sheet, draw
from lpr.evaluation.report.gallery import collect
from lpr.evaluation.report.page import write_report
from lpr.evaluation.report.tables import write_plots, write_readings
from lpr.evaluation.results import Evaluation, Measured, compared
from lpr.evaluation.samples import Samples, take_samples
from lpr.inference.recorded import check_recorded
from lpr.metrics.counts import rounded
from lpr.records.gates_file import Gate, save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import Evaluate, Gates


def evaluate(
    open_reader: Callable[[], Reader],
    data: Path,
    models: Path,
    settings: Evaluate,
    thresholds: Gates,
    progress: Callable[[int], object] | None = None,
) -> Evaluation:
    """Measure the models of a folder on the test split of `data` and judge them.

    Args:
        open_reader: loads the models anew; called several times, its time is measured.
        data: the folder that `fetch_data` wrote.
        models: the folder that `export` wrote.
        settings: section `evaluate` of params.yaml.
        thresholds: section `gates` of params.yaml.
        progress: is told how many more images are done.

    Raises:
        LprError: the test split is empty, missing or unreadable, or the models cannot be loaded. Models that load
            but are bad are measured all the same, and fail their gates; ones that are not those of their
            training_metadata.json are not measured.
    """
    folder, annotations = data / "images" / "test", data / "annotations" / "test.json"
    # The checkpoints too: they are not measured, but published with what is.
    check_recorded(models, MODEL_FILES)
    reader = open_reader()
    measured = measure(reader, folder, read_entries(annotations), settings.match_iou, progress)
    samples = take_samples(folder, read_entries(annotations), reader.margin)
    latency = measure_latency(open_reader, samples.images, samples.crops, samples.photos, models)
    gates = _judge(measured, latency, reader, samples, models, thresholds)
    hashes = {name: sha256(models / name) for name in MODEL_FILES if (models / name).is_file()}
    return Evaluation(measured, rounded(measured.summary()), rounded(latency, 3), gates, hashes)


def write_evaluation(evaluation: Evaluation, data: Path, models: Path, out: Path, examples: int) -> None:
    """Write metrics.json, details.json, latency.json, gates.json, readings.csv, plots/, errors.jpg and report.html.

    details.json holds all metrics, metrics.json those by which runs are compared.

    Args:
        evaluation: what was measured.
        data, models: as for `evaluate`; examples are cut out of the one, provenance is read from the other.
        out: a folder beside those of the other stages, whose training curves the report shows.
        examples: readings on errors.jpg, and right ones in the report, together.
    """
    write_json(out / "metrics.json", compared(evaluation.metrics))
    write_json(out / "details.json", evaluation.metrics)
    write_json(out / "latency.json", evaluation.latency)
    save_gates(out / "gates.json", evaluation.gates, evaluation.models)
    write_readings(out / "readings.csv", evaluation.measured.rows)
    write_plots(out / "plots", evaluation.measured)

    def photo(name: str) -> Image.Image:
        return open_image(data / "images" / "test" / name)

    measured = evaluation.measured
    wrong, right = (draw(rows, photo) for rows in choose(measured.rows, examples))
    with atomic_path(out / "errors.jpg") as path:
        contact_sheet(wrong).save(path, "JPEG", quality=85)
    gallery = collect(measured.rows, measured.false_readings, photo)
    write_report(out / "report.html", evaluation, gallery, right, models, out.parent)


def _judge(
    measured: Measured, latency: dict[str, Any], reader: Reader, samples: Samples, models: Path, thresholds: Gates
) -> list[Gate]:
    read = [row for row in measured.rows if row.truth is not None and row.read_in_box is not None]
    truths, readings = [row.truth or "" for row in read], [row.read_in_box or "" for row in read]
    ap50 = measured.detection.summary()["ap50"] if len(measured.detection) else None
    return [
        *gates.accuracy(
            gates.end_to_end(measured.end_to_end.strict, thresholds.end_to_end),
            gates.detection(ap50, len(measured.detection), thresholds.detection),
            gates.recognition(measured.reading.strict, thresholds.recognition),
        ),
        gates.batch_seconds(latency["batch_ms"], latency["batch"], thresholds.batch_seconds),
        gates.model_kilobytes(models, thresholds.model_kilobytes),
        gates.metadata_complete(models),
        gates.input_sensitivity(truths, readings, thresholds.input_sensitivity),
        gates.repeatability(reader, samples.images, samples.crops, thresholds.repeatability),
    ]
