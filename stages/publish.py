"""Stage `publish`: the bundle as a version of the model dataset, if every gate is met."""

from __future__ import annotations

import sys
from pathlib import Path

from lpr.base.files import write_json
from lpr.base.stage_lock import run
from lpr.publishing.publish import open_target, publish
from lpr.publishing.release import GatesNotMetError, prepare
from lpr.records.params import load_params


def main() -> int:
    settings = load_params().publish
    try:
        release = prepare(Path("models"), Path("results/evaluate"), settings.note)
    except GatesNotMetError as error:
        print(error, file=sys.stderr)
        return 1
    receipt = publish(release, open_target(settings), settings)
    # Not in the receipt, which is the same for the same models: also after a run that was killed once they were there.
    status = receipt.pop("status")
    write_json("results/publish/receipt.json", receipt)
    if status == "unchanged":
        print(f"these models are published already as {receipt['version']}: {receipt['where']}; nothing was changed")
    else:
        print(f"published {receipt['message']}: {receipt['where']}")
    return 0


if __name__ == "__main__":
    run("publish", main, "results/publish/.*-*")
