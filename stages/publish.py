"""Stage `publish`: the bundle as a version of the model dataset, or a refusal if a gate is not met."""

from __future__ import annotations

from pathlib import Path

from lpr.base.stage_lock import run
from lpr.publishing.publish import open_target, publish
from lpr.publishing.release import GatesNotMetError, prepare
from lpr.records.params import load_params
from lpr.records.receipt import save_receipt

RECEIPT = "results/publish/receipt.json"


def main() -> None:
    settings = load_params().publish
    try:
        release = prepare(Path("models"), Path("results/evaluate"), settings.note)
    except GatesNotMetError as error:
        # No failure of the stage: an experiment below a gate is recorded as well. `lpr gates` is what fails.
        save_receipt(RECEIPT, error.refusal)
        print(error)
        return
    receipt, status = publish(release, open_target(settings), settings)
    save_receipt(RECEIPT, receipt)
    if status == "unchanged":
        print(f"these models are published already as {receipt.version}: {receipt.where}; nothing was changed")
    else:
        print(f"published {receipt.message}: {receipt.where}")


if __name__ == "__main__":
    run("publish", main, "results/publish/.*-*")
