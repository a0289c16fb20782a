"""Make kaggle.ipynb from kaggle.py: `python -m notebooks.make`.

kaggle.py is in the percent format, which editors and Jupyter (through jupytext) run cell by cell as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jupytext
import nbformat

SOURCE, NOTEBOOK = (Path(__file__).with_name(f"kaggle.{ending}") for ending in ("py", "ipynb"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def make() -> Any:
    """Return the notebook, without outputs: the same source gives the same bytes."""
    notebook = jupytext.read(SOURCE)
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"  # jupytext's are random
    nbformat.validate(notebook)
    return notebook


if __name__ == "__main__":
    nbformat.write(make(), NOTEBOOK)
