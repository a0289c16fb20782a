"""The whole evaluation: measure, check the gates, write. The stage `evaluate` is this with paths and parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from lpr.base.files import atomic_path, sha256, write_json
from lpr.data.annotations import read_entries
from lpr.evaluation.cost import measure_cost
from lpr.evaluation.evaluator import measure
from lpr.evaluation.gates import check_gates
from lpr.evaluation.images import open_image
from lpr.evaluation.report.examples import choose
from lpr.evaluation.report.gallery import collect
from lpr.evaluation.report.page import write_report
from lpr.evaluation.report.pictures import contact_sheet
from lpr.evaluation.report.tables import write_plots, write_readings
from lpr.evaluation.results import Evaluation, compared
from lpr.evaluation.samples import take_samples
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.inference.recorded import check_recorded
from lpr.metrics.counts import rounded
from lpr.records.gates_file import save_gates
from lpr.records.model_files import MODEL_FILES
from lpr.records.params import Evaluate, Gates


def evaluate(
    open_recognizer: Callable[[], LicensePlateRecognizer],
    data: Path,
    models: Path,
    settings: Evaluate,
    thresholds: Gates,
    progress: Callable[[int], object] | None = None,
) -> Evaluation:
    """Measure the models of a folder on the test split of `data` and check the gates.

    Args:
        open_recognizer: loads the models anew; called several times, its time is measured.
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
    recognizer = open_recognizer()
    results = measure(recognizer, folder, read_entries(annotations), settings.match_iou, progress)
    samples = take_samples(folder, read_entries(annotations), recognizer.margin)
    cost = measure_cost(open_recognizer, samples, models)
    # Before the gates, for which torch is loaded: the curves of many photos take as much memory for a moment.
    metrics = rounded(results.summary())
    gates = check_gates(results, cost, recognizer, samples, models, thresholds)
    hashes = {name: sha256(models / name) for name in MODEL_FILES if (models / name).is_file()}
    return Evaluation(results, metrics, rounded(cost, 3), gates, hashes)


def write_evaluation(evaluation: Evaluation, data: Path, models: Path, out: Path, examples: int) -> None:
    """Write metrics.json, details.json, latency.json, gates.json, readings.csv, plots/, errors.jpg and report.html.

    details.json holds all metrics, metrics.json those by which runs are compared.

    Args:
        evaluation: what was measured.
        data, models: as for `evaluate`; examples are cut out of the one, provenance is read from the other.
        out: a folder beside those of the other stages, whose training curves the report shows.
        examples: readings on errors.jpg, and right ones in the report, together.
    """
    results = evaluation.results
    write_json(out / "metrics.json", compared(evaluation.metrics))
    write_json(out / "details.json", evaluation.metrics)
    write_json(out / "latency.json", evaluation.cost)
    save_gates(out / "gates.json", evaluation.gates, evaluation.models)
    write_readings(out / "readings.csv", results.rows)
    write_plots(out / "plots", results)

    def photo(name: str) -> Image.Image:
        return open_image(data / "images" / "test" / name)

    wrong, right = choose(results.rows, examples)
    with atomic_path(out / "errors.jpg") as path:
        contact_sheet(wrong, photo).save(path, "JPEG", quality=85)
    gallery = collect(results.rows, results.false_readings, photo)
    write_report(out / "report.html", evaluation, gallery, right, models, out.parent)
