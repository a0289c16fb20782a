"""Pre-labels as CVAT's "for images 1.1" XML, and the labels that its task needs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Any

from lpr.records.prelabels import PrelabelledPhoto

LABELS: list[dict[str, Any]] = [
    {
        "name": "plate",
        "color": "#ffd60a",
        "type": "rectangle",
        "attributes": [
            {"name": "text", "mutable": False, "input_type": "text", "default_value": "", "values": [""]},
            {
                "name": "sure",
                "mutable": False,
                "input_type": "checkbox",
                "default_value": "false",
                "values": ["false"],
            },
        ],
    }
]
"""For the task's constructor, Raw."""


def to_xml(photos: Iterable[PrelabelledPhoto]) -> str:
    """Return the XML of photos."""
    root = ET.Element("annotations")
    ET.SubElement(root, "version").text = "1.1"
    _describe_task(ET.SubElement(ET.SubElement(root, "meta"), "task"))
    for number, photo in enumerate(photos):
        width, height = map(str, photo.size)
        image = ET.SubElement(root, "image", id=str(number), name=photo.image, width=width, height=height)
        for plate in photo.plates:
            x, y, w, h = plate.bbox
            edges = {"xtl": x, "ytl": y, "xbr": x + w, "ybr": y + h}
            box = ET.SubElement(image, "box", label="plate", source="auto", occluded="0", z_order="0")
            for name, value in edges.items():
                box.set(name, f"{value:.2f}")
            ET.SubElement(box, "attribute", name="text").text = plate.text or ""
            ET.SubElement(box, "attribute", name="sure").text = "true" if plate.sure else "false"
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _describe_task(task: ET.Element) -> None:
    """Name the labels as CVAT's exports do: CVAT reads over it, but Datumaro takes no file without it."""
    ET.SubElement(task, "mode").text = "annotation"
    labels = ET.SubElement(task, "labels")
    for label in LABELS:
        element = ET.SubElement(labels, "label")
        for key in ("name", "color", "type"):
            ET.SubElement(element, key).text = label[key]
        attributes = ET.SubElement(element, "attributes")
        for attribute in label["attributes"]:
            described = ET.SubElement(attributes, "attribute")
            for key, value in attribute.items():
                ET.SubElement(described, key).text = "\n".join(value) if key == "values" else str(value)
