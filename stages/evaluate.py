"""Measure the exported models on the test split, and write the verdict of each gate. Bad models are measured too."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from lpr.base import stage_lock
from lpr.base.memory import return_large_blocks
from lpr.data.annotations import read_entries
from lpr.evaluation.run import evaluate, write_evaluation
from lpr.inference.recognizer import LicensePlateRecognizer
from lpr.records.gates_table import format_gates
from lpr.records.params import load_params

DATA, MODELS, OUT = Path("data"), Path("models"), Path("results/evaluate")


def main() -> None:
    return_large_blocks()
    params = load_params()
    images = sum(1 for _ in read_entries(DATA / "annotations" / "test.json"))
    with tqdm(total=images, desc="evaluate", unit="image", mininterval=1.0) as bar:
        evaluation = evaluate(
            lambda: LicensePlateRecognizer(MODELS, second_look=params.evaluate.second_look),
            DATA,
            MODELS,
            params.evaluate,
            params.gates,
            bar.update,
        )
    write_evaluation(evaluation, DATA, MODELS, OUT, params.evaluate.examples)
    print(format_gates(evaluation.gates))
    print(f"report: {OUT / 'report.html'}")


if __name__ == "__main__":
    stage_lock.run("evaluate", main, "results/evaluate/.*-*")
