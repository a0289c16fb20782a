"""Data to measure trainings on: the project's own where `fetch_data` has run, else a small rendered set."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from lpr.base.files import write_text
from lpr.fetching.build import Outputs, build_dataset
from lpr.records.params import load_params

PHOTOS, CROPS = 400, 1600
_SOURCE = {"name": "rendered", "kind": "synthetic", "use": "both", "style": "legible"}


def find_data(project: Path, own: Path, photos: int = PHOTOS, crops: int = CROPS) -> tuple[Path, str]:
    """Return a folder with params.yaml and data/, and a word on its data.

    It is `project`, or where that has no data `own`, in which a rendered set of `photos` and `crops` is made; that is
    kept for the next time, and made anew when the parameters of its making change.
    """
    if (project / "data" / "manifest.json").is_file():
        return project, "the project's own data"
    params = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    params["fetch_data"]["sources"] = [{**_SOURCE, "photos": photos, "crops": crops}]
    text = yaml.safe_dump(params, sort_keys=False)
    # Written last, so that it stands for a set that is whole.
    made = own / "params.yaml"
    if not made.is_file() or not (own / "data" / "manifest.json").is_file() or made.read_text(encoding="utf-8") != text:
        shutil.rmtree(own, ignore_errors=True)
        scratch = own / "params.new"
        write_text(scratch, text)
        parsed = load_params(scratch)
        layout = Outputs(own / "data", own / "results" / "fetch_data", own / ".work" / "fetch_data")
        build_dataset(parsed.fetch_data, parsed.seed, layout)
        scratch.rename(made)
    return own, f"{photos} rendered photos and {crops} rendered crops"
