"""Pre-labels as CVAT's "for images 1.1" XML, and the labels that its task needs."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from lpr.records.prelabels import PrelabelledPhoto

LABELS = [
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
