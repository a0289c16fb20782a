"""One issue while the newest published models do not hold their gates; closed when they do again."""

from __future__ import annotations

from pathlib import Path

from lpr.deployment.bundle import GATES, read_bundle
from lpr.github.gh import gh, gh_json
from lpr.records.gates_file import Gate, failed
from lpr.records.gates_table import format_gates, show

LABEL = "model-validation"


def keep_issue(folder: Path, result: str, run: str) -> str:
    """Open or update the issue that says which gate fell and by how much, or close it; say which was done.

    Args:
        folder: what `lpr models bundle` wrote; without it the validation ended before the models were measured.
        result: GitHub's word for how the validation ended; `success`: every gate holds.
        run: address of the run.

    Raises:
        LprError: `gh` fails.
    """
    listed = gh_json("issue", "list", "--label", LABEL, "--state", "open", "--json", "number")
    number = str(min(issue["number"] for issue in listed)) if listed else None
    if result == "success":
        if number is None:
            return "every gate holds, and no issue is open"
        gh("issue", "close", number, "--comment", f"Every gate holds again: {run}")
        return f"closed issue {number}"
    title, body = _title_and_body(folder, run)
    if number is not None:
        gh("issue", "edit", number, "--title", title, "--body-file", "-", text=body)
        return f"updated issue {number}"
    gh("label", "create", LABEL, "--force", "--description", "The newest published models do not hold their gates")
    return "opened " + gh("issue", "create", "--title", title, "--label", LABEL, "--body-file", "-", text=body).strip()


def shortfall(gate: Gate) -> str:
    """Return how a gate fell, in one line: what was measured, what is required, and how far apart they are."""
    if gate.value is None:
        return f"`{gate.name}` could not be measured: {gate.detail}"
    above = gate.value - gate.threshold
    short, word = (-above, "below") if gate.direction in (">=", ">") else (above, "above")
    # A gate may fall for what its detail says although its value is on the right side.
    distance = f", {show(short)} {word} it" if short > 0 else ""
    required = f"required {gate.direction} {show(gate.threshold)}"
    return f"`{gate.name}` is {show(gate.value)}, {required}{distance}: {gate.detail}"


def _title_and_body(folder: Path, run: str) -> tuple[str, str]:
    if not (folder / GATES).is_file():
        return (
            "The newest published models could not be validated",
            f"The validation ended before the models were measured; {run} says at which step and why.\n",
        )
    bundle = read_bundle(folder)
    missed = failed(bundle.gates)
    if not missed:
        return (
            f"Models {bundle.version} could not be released",
            f"Every gate holds, and a step of {run} failed all the same.\n",
        )
    lines = "\n".join(f"- {shortfall(gate)}" for gate in missed)
    names = ", ".join(gate.name for gate in missed)
    return (
        f"Models {bundle.version} do not hold their gates: {names}",
        f"{bundle.message}\n\n{lines}\n\n```\n{format_gates(bundle.gates)}\n```\n\nMeasured in {run}. Nothing was "
        "released; `lpr models rollback VERSION` publishes an older version again.\n",
    )
