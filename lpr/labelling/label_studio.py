"""Pre-labels as Label Studio's tasks with predictions, and the labelling configuration that they fit."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from lpr.records.prelabels import PrelabelledPhoto

CONFIG = """<View>
  <Image name="image" value="$image" zoom="true" zoomControl="true"/>
  <RectangleLabels name="plate" toName="image"><Label value="plate" background="#ffd60a"/></RectangleLabels>
  <TextArea name="text" toName="image" perRegion="true" editable="true" maxSubmissions="1" rows="1"
            placeholder="0-9 A-Z, top line first; empty where it cannot be read"/>
</View>
"""
"""For the project's settings, Labeling Interface, Code."""


def task(photo: PrelabelledPhoto, models: str) -> dict[str, Any]:
    """Return the task of a photo.

    Args:
        photo: its pre-labels; the photo lies in `images/` of the folder that Label Studio serves as local files.
        models: their version.
    """
    width, height = photo.size
    result: list[dict[str, Any]] = []
    for number, plate in enumerate(photo.plates):
        x, y, w, h = plate.bbox
        value = {"x": x / width, "y": y / height, "width": w / width, "height": h / height}
        box = {**{key: round(share * 100, 4) for key, share in value.items()}, "rotation": 0}
        of = {"id": f"plate{number}", "to_name": "image", "original_width": width, "original_height": height}
        shared = {**of, "image_rotation": 0, "score": round(plate.certainty, 4)}
        result.append(
            {**shared, "from_name": "plate", "type": "rectanglelabels", "value": {**box, "rectanglelabels": ["plate"]}}
        )
        if plate.text:
            result.append({**shared, "from_name": "text", "type": "textarea", "value": {**box, "text": [plate.text]}})
    certainty = round(photo.certainty, 4)
    return {
        "data": {
            "image": f"/data/local-files/?d=images/{quote(photo.image)}",
            "certainty": certainty,
            "sure": photo.sure,
            "group": photo.group,
        },
        "predictions": [{"model_version": models, "score": certainty, "result": result}],
    }
