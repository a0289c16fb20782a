"""The parameters that a session will run with, checked before it costs hours of a GPU."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from lpr.base.errors import LprError
from lpr.base.git import git, run_git
from lpr.base.parsing import parse_yaml
from lpr.records.params import Params, parse_params

_FILE = "params.yaml"


def session_params(commit: str, changes: Sequence[str]) -> Params:
    """Return params.yaml as it is at a commit, with `key=value` changes as `dvc exp run -S` makes them.

    Raises:
        LprError: there is no such file, a change names no key of it or is none that DVC takes, a value is not
            allowed, or a source is a folder of this machine.
    """
    at = f"{_FILE} at {commit[:12]}"
    text = git("show", f"{commit}:{_FILE}", otherwise=f"{commit[:12]} has no {_FILE}")
    try:
        value = parse_yaml(_changed(text, changes) if changes else text)
    except ValueError as error:
        raise LprError(f"{at}: not readable as YAML: {error}") from error
    params = parse_params(value, f"{at} with -S {' -S '.join(changes)}" if changes else at)
    for source in params.fetch_data.sources:
        if source.kind == "path" and run_git("cat-file", "-e", f"{commit}:{source.path}").returncode:
            raise LprError(
                f"{at}: source {source.name} is {source.path!r}, a folder that a session does not have: publish it "
                "with `lpr kaggle data push`, and name the dataset in its place"
            )
    return params


def _changed(text: str, changes: Sequence[str]) -> str:
    from dvc.exceptions import InvalidArgumentError  # type: ignore[import-untyped]
    from dvc.utils.hydra import apply_overrides  # type: ignore[import-untyped]

    for change in changes:
        if "=" not in change:
            raise LprError(f"-S {change}: not of the form key=value, such as train.batch_size=16")
    with tempfile.TemporaryDirectory(prefix="lpr-params-") as folder:
        path = Path(folder) / _FILE
        path.write_text(text, encoding="utf-8")
        try:
            apply_overrides(path, [change.removeprefix(f"{_FILE}:") for change in changes])
        except InvalidArgumentError as error:
            reason = " ".join(str(error.__cause__ or error).split())
            raise LprError(f"-S {' -S '.join(changes)}: {reason[:300]}") from error
        return path.read_text(encoding="utf-8")
