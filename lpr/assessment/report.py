"""The report of an evaluation as Markdown: figures, then by source, width and confidence, and the errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 15
"""Rows of a table of errors."""

Record = Mapping[str, Any]


def to_markdown(record: Record) -> str:
    """Return the report of an assessment's `record`."""
    parts = [_head(record), table(("figure", "value"), figures(record))]
    by_source = _by_source(record)
    if len(by_source) > 1:
        parts.append(table(("source", "end to end, strict", "true crops, strict"), by_source))
    if widths := record.get("widths"):
        rows = [(name, *map(count, groups.values())) for name, groups in widths.items()]
        parts.append(table(("width of the plate", "found", "end to end, strict", "true crops, strict"), rows))
    bins = [b for b in record["reliability"] if b["count"]]
    if bins:
        rows = [
            (f"{b['low']:.2f} to {b['high']:.2f}", str(b["count"]), share(b["confidence"]), share(b["accuracy"]))
            for b in bins
        ]
        parts.append("Confidence of readings of true crops:\n")
        parts.append(table(("confidence", "plates", "mean", "right"), rows))
    if record.get("stress"):
        parts.append("The same photos under stress, each labelled plate by itself:\n")
        parts.append(table(("condition", "strength", "found", "read right"), _stress(record["stress"])))
        parts.append(
            f"Photos with their plates painted over in which something is read: {count(record['painted_over'])}\n"
        )
    for name, title in (("end_to_end", "Errors end to end"), ("true_crops", "Errors on true crops")):
        errors = record["errors"][name]
        if errors["wrong"]:
            parts.append(f"{title}: {errors['wrong']} plates\n")
            parts.append(table(("kind", "plates"), _most(errors["plates"])))
            parts.append(table(("character", "times"), _most(errors["characters"])))
    return "\n".join(parts)


def figures(record: Record) -> list[tuple[str, str]]:
    """Return the figures of a record, each with its name, as people read them; what was not measured is left out."""
    rows: list[tuple[str, str]] = []
    threshold = record["settings"]["threshold"]
    for name, plates in (("detection_large", "plates at least 6% of the photo's width"), ("detection", "all plates")):
        if found := record[name]:
            rows += [
                (f"AP50, AP50-95, {plates}", f"{share(found['ap50'])}, {share(found['ap50_95'])} ({found['plates']})"),
                (
                    f"recall, precision, mean IoU at the working threshold {threshold:.2f}, {plates}",
                    ", ".join(share(found[key]) for key in ("recall", "precision", "mean_iou")),
                ),
            ]
    reading = record["reading"]
    if reading["plates"]:
        rows += [
            (f"plate accuracy on true crops, strict ({record['reading_on']})", _reading(reading)),
            ("the same, O/0 and I/1 folded", share(reading["plate_accuracy_folded"])),
            (
                "character accuracy (1 - NED), length accuracy",
                f"{share(reading['character_accuracy'])}, {share(reading['length_accuracy'])}",
            ),
            ("true crops, one line; two lines", f"{_reading(reading['one_line'])}; {_reading(reading['two_line'])}"),
        ]
    if end_to_end := record["end_to_end"]:
        rows += [
            ("end to end, strict", count(end_to_end)),
            ("end to end, O/0 and I/1 folded", count(end_to_end["folded"])),
            ("IoU > 0.4 and exact text", count(end_to_end["public_rule_iou_over_40"])),
            ("end to end, one line; two lines", "; ".join(count(end_to_end[k]) for k in ("one_line", "two_line"))),
        ]
    for name, label in (("calibration", "true crops"), ("calibration_end_to_end", "plates that were found")):
        if calibration := record[name]:
            rows.append((f"calibration error (ECE) of the confidence, {label}", f"{calibration['ece']:.3f}"))
    false = record["false_readings"]
    if false["photos"]:
        rows.append(("photos without a plate with a false reading", f"{false['photos_read']}/{false['photos']}"))
    size = sum(model["bytes"] for model in record["models"].values())
    return [*rows, ("both ONNX files", f"{size / 1e6:.1f} MB")]


def count(value: Mapping[str, Any]) -> str:
    """Return a `Count.summary` as `0.710 (255/359) [0.661, 0.755]`, a dash where nothing was counted."""
    if not value["total"]:
        return "-"
    interval = f"[{value['low']:.3f}, {value['high']:.3f}]"
    return f"{value['accuracy']:.3f} ({value['right']}/{value['total']}) {interval}"


def share(value: float | None) -> str:
    """Return a share with three places, a dash for None."""
    return "-" if value is None else f"{value:.3f}"


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a Markdown table."""
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)


def _head(record: Record) -> str:
    data = record["data"]
    models = ", ".join(f"{name} {model['sha256'][:12]}" for name, model in record["models"].items())
    what = f"{data['images']} images" + (f", {data['crops']} crops" if data["crops"] else "")
    place = f"{data['folder']} ({data['annotations']}, {data['split'] or 'all'})"
    lines = [f"# Assessment on {place}\n", f"{what}; models {models}. Brackets are 95% Wilson intervals.\n"]
    if data["rejected"]:
        rejected = "; ".join(f"{reason} ({count})" for reason, count in data["rejected"].items())
        lines.append(f"Not measured: {rejected}.\n")
    return "\n".join(lines)


def _stress(rows: Iterable[Record]) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"{row['condition']} ({row['unit']})",
            f"{row['strength']:g}",
            share(row["found"]["accuracy"]),
            count(row["right"]),
        )
        for row in rows
    ]


def _by_source(record: Record) -> list[tuple[str, str, str]]:
    ends = (record["end_to_end"] or {}).get("sources", {})
    readings = record["reading"]["sources"]
    names = sorted(ends.keys() | readings.keys())
    return [(name or "-", count(ends[name]) if name in ends else "-", _reading(readings.get(name))) for name in names]


def _reading(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return "-"
    return count({**value, "accuracy": value["plate_accuracy"], "total": value["plates"]})


def _most(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    rows = [(name, str(number)) for name, number in list(counts.items())[:MOST]]
    rest = list(counts.values())[MOST:]
    return [*rows, (f"{len(rest)} others", str(sum(rest)))] if rest else rows
