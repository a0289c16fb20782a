"""The report on a change: verdict first, then what differs from the base, then where it all comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from lpr.records.gates_file import Gate, failed, load_gates, verdict
from lpr.records.gates_table import show, summary
from lpr.review import curves, lineage, readings
from lpr.review.belonging import find_mismatch
from lpr.review.document import Code, Graph, Section, Table, Words
from lpr.review.kinds import better, kind
from lpr.review.sides import DATA_METRICS, DETAILS, GATES, METRICS, Sides, read_sides
from lpr.review.staleness import find_stale
from lpr.review.values import ABSENT, changes, flatten, is_number, shown

Change = tuple[str, Any, Any]
"""Name, value at the base, value here."""

HEADLINES = ("end_to_end.accuracy", "reading.plate_accuracy", "reading.character_accuracy", "detection.ap50",
             "detection.recall", "calibration.ece", "false_readings.photos_read")  # fmt: skip
"""Metrics that are listed first."""
OPEN = 12
"""Changed metrics that are shown unfolded."""
MOST = 60
"""Rows of a table."""


def make_report(base: str) -> tuple[list[Section], list[str]]:
    """Compare the working tree with a revision.

    Returns:
        The report's sections, and the files that are needed and missing: without these it is not whole.

    Raises:
        LprError: no such revision, no DVC repository, or a file here cannot be read.
    """
    sides = read_sides(base)
    needed = dict.fromkeys([METRICS, DETAILS, GATES, *sides.here.missing])
    missing = [path for path in needed if not Path(path).is_file()]
    gates = load_gates(GATES) if GATES not in missing else []
    metrics = list(_metric_changes(sides))
    params = changes(sides.base.params or {}, sides.here.params or {})
    changed = readings.compare(sides.base.readings, sides.here.readings)
    sections = [
        _verdict(base, sides, gates, metrics, params, changed, missing),
        _gates(gates, sides),
        *(_metrics(metrics) if sides.base.metrics else ()),
        *_params(params),
        _data(sides),
        *readings.sections(changed),
        *curves.sections(sides),
        _pipeline(sides),
        lineage.section(sides),
    ]
    return sections, missing


def _metric_changes(sides: Sides) -> Iterator[Change]:
    """Metrics that differ, those of other stages with the stage's name in front; the data's are a section of their
    own, and intervals follow from counts."""
    known = [path for path in (*sides.here.metrics, *sides.base.metrics) if path != DATA_METRICS]
    found: dict[str, Change] = {}
    for path in dict.fromkeys(known):
        prefix = "" if path == METRICS else f"{Path(path).parent.name}: "
        for name, old, new in changes(sides.base.metrics.get(path, {}), sides.here.metrics.get(path, {})):
            if name and kind(name) != "derived":
                found[prefix + name] = (prefix + name, old, new)
    yield from (found.pop(name) for name in HEADLINES if name in found)
    yield from found.values()


def _verdict(
    base: str, sides: Sides, gates: list[Gate], metrics: list[Change], params: list[Change],
    changed: readings.ChangedReadings | None, missing: list[str],
) -> Section:  # fmt: skip
    mismatch = find_mismatch(Path(GATES), Path("models")) if gates and not missing else None
    section = Section("Models: no verdict, these results are another's" if mismatch else _title(gates, missing))
    if mismatch:
        section.say(mismatch, strong=True)
    if missing:
        section.say("Missing here, so that this report is not whole:", *map(Code, missing), strong=True)
        section.say("Run", Code("dvc repro"), "and commit what it writes.")
    _end_to_end(section, sides)
    if not sides.base.metrics:
        section.say("The base", Code(base), "has no metrics: nothing can be compared.")
    elif not (metrics or params):
        section.say("No metric and no parameter differs from the base", Code(base), ".")
    else:
        good, bad = (sum(_direction(change) == sign for change in metrics) for sign in (1, -1))
        counts = f"Metrics: {good} better, {bad} worse, {len(metrics) - good - bad} otherwise different. "
        section.say(f"{counts}Parameters: {len(params)} different. The base is", Code(base), ".")
    if changed and (changed.regressed or changed.fixed or changed.otherwise):
        wrong, right = len(changed.regressed), len(changed.fixed)
        section.say(
            f"Of {changed.plates} plates {wrong} that were read right are wrong now, {right} the other way round."
        )
    elif changed:
        section.say(f"All {changed.plates} plates are read as at the base.")
    if stale := set(find_stale().changed) & _behind_metrics(sides):
        names = map(Code, (name for name in sides.pipeline if name in stale))
        section.say("dvc.lock is stale, so these results may be another code's. Changed:", *names, strong=True)
    return section


def _behind_metrics(sides: Sides) -> set[str]:
    """Names of the stages that the metrics depend on: what follows them, publish say, changes no figure."""
    outs = {name: stage.get("outs") or [] for name, stage in sides.here.stages.items()}
    found = {name for name, made in outs.items() if any(out["path"] == METRICS for out in made)}
    queue = list(found)
    while queue:
        sources = set(sides.pipeline.get(queue.pop(), [])) - found
        found |= sources
        queue += sources
    # Without a record of who made the metrics, every stage may have.
    return found or set(sides.pipeline)


def _title(gates: list[Gate], missing: list[str]) -> str:
    if missing:
        return "Models: incomplete"
    missed = failed(gates)
    if not missed:
        return f"Models: {summary(gates)}"
    return f"Models: {len(missed)} of {len(gates)} gates are NOT met"


def _end_to_end(section: Section, sides: Sides) -> None:
    here, base = (flatten(side.metrics.get(METRICS)) for side in (sides.here, sides.base))
    accuracy, low, high, right, total = (
        here.get(f"end_to_end.{name}") for name in ("accuracy", "low", "high", "right", "total")
    )
    if accuracy is None:
        return
    plates = f"{shown(right)} of {shown(total)}, 95% interval {shown(low)} to {shown(high)}"
    words = [f"Plates read exactly right: {shown(accuracy)} ({plates})"]
    before: Any = base.get("end_to_end.accuracy")
    change = ("accuracy", before, accuracy)
    if _difference(change):
        place = "inside" if (low or 0) <= before <= (high or 1) else "outside"
        words.append(f"against {shown(before)}, {_arrow(change)}; the base is {place} that interval")
    section.say(*words, strong=True)


def _gates(gates: list[Gate], sides: Sides) -> Section:
    section = Section("Gates")
    rows: list[tuple[Words, ...]] = []
    for gate in sorted(gates, key=lambda gate: gate.passed or not gate.applies):
        required = Code(f"{gate.direction} {show(gate.threshold)}")
        base = shown(sides.base.gates.get(gate.name))
        rows.append((verdict(gate), Code(gate.name), shown(gate.value), required, base, Code(gate.detail)))
    if rows:
        section.blocks.append(Table(("verdict", "gate", " here", " required", " base", "measured"), rows))
    else:
        section.say("There is no verdict.")
    return section


def _metrics(metrics: list[Change]) -> Iterator[Section]:
    if metrics:
        yield Section("Metrics that changed", [_metric_table(metrics[:OPEN])])
    if rest := metrics[OPEN : OPEN + MOST]:
        yield Section(f"{len(metrics) - OPEN} more metrics that changed", [_metric_table(rest)], folded=True)


def _metric_table(metrics: Iterable[Change]) -> Table:
    rows: list[tuple[Words, ...]] = [
        (Code(name), shown(old), shown(new), _arrow((name, old, new))) for name, old, new in metrics
    ]
    return Table(("metric", " base", " here", "change"), rows)


def _arrow(change: Change) -> str:
    _, old, new = change
    if old is ABSENT or new is ABSENT:
        return "new" if old is ABSENT else "gone"
    difference = _difference(change)
    if not difference:
        return "changed"
    word = {1: " better", -1: " worse", 0: ""}[_direction(change)]
    return f"{'▲' if difference > 0 else '▼'} {difference:+.4g}{word}"


def _direction(change: Change) -> int:
    """Return 1 if a change is for the better, -1 if for the worse, 0 if neither can be said."""
    difference = _difference(change)
    return 0 if not difference else better(change[0]) * (1 if difference > 0 else -1)


def _difference(change: Change) -> float:
    _, old, new = change
    return new - old if is_number(old) and is_number(new) else 0.0


def _params(params: list[Change]) -> Iterator[Section]:
    if params:
        rows: list[tuple[Words, ...]] = [
            (Code(name), Code(shown(old)), Code(shown(new))) for name, old, new in params[:MOST]
        ]
        yield Section("Parameters that changed", [Table(("parameter", " base", " here"), rows)])
    if len(params) > MOST:
        yield Section(f"{len(params) - MOST} more parameters changed")


def _data(sides: Sides) -> Section:
    section = Section("Data")
    base, here = (side.metrics.get(DATA_METRICS) for side in (sides.base, sides.here))
    hashes = [side.hashes().get("data") for side in (sides.base, sides.here)]
    totals = {name.removeprefix("total."): n for name, n in flatten(here).items() if name.startswith("total.")}
    if totals:
        section.say(*(f"{shown(value)} {name.replace('_', ' ')}," for name, value in totals.items()), "in all splits.")
    if hashes[0] == hashes[1]:
        section.say("The same data as at the base." if hashes[0] else "Neither side has data in dvc.lock.")
    else:
        before, after = (Code((digest or "-")[:12]) for digest in hashes)
        section.say("Other data:", before, "at the base,", after, "here.", strong=True)
    if counts := changes(base, here) if base else []:
        rows: list[tuple[Words, ...]] = [(Code(name), shown(old), shown(new)) for name, old, new in counts[:MOST]]
        section.blocks.append(Table(("count", " base", " here"), rows))
    return section


def _pipeline(sides: Sides) -> Section:
    before, after = sides.base.stages, sides.here.stages
    changed = frozenset(name for name in sides.pipeline if before.get(name) != after.get(name))
    section = Section("Pipeline", folded=True)
    if changed:
        section.say("Ran anew since the base:", *map(Code, (name for name in sides.pipeline if name in changed)))
    else:
        section.say("No stage ran anew since the base.")
    section.blocks.append(Graph(sides.pipeline, changed))
    return section
