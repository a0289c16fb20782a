"""The service's interface as an OpenAPI document, and the page that shows it without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lpr.serve.limits import Limits

_PLATE = {
    "type": "object",
    "required": ["text", "confidence", "chars", "box", "detection"],
    "properties": {
        "text": {"type": "string", "pattern": "^[0-9A-Z]+$", "description": "top line first, without separators"},
        "confidence": {"type": "number", "description": "of the reading: that of its most doubtful character"},
        "chars": {"type": "array", "items": {"type": "number"}, "description": "a probability for each character"},
        "box": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 4,
            "maxItems": 4,
            "description": "x, y, width, height in pixels of the photo as it is displayed",
        },
        "detection": {"type": "number", "description": "confidence that it is a plate"},
        "region": {
            "type": "array",
            "items": {"type": "array", "items": {}},
            "description": "countries whose formats the text fits, and their shares, likeliest first",
        },
    },
}
_PHOTO = {
    "type": "object",
    "required": ["image", "plates"],
    "properties": {
        "image": {"type": "string", "description": "the file's name in the form; `photo` for the bytes of one"},
        "plates": {"type": "array", "items": {"$ref": "#/components/schemas/Plate"}, "description": "best first"},
        "error": {"type": "string", "description": "why this photo of several was not read"},
        "size": {"type": "array", "items": {"type": "integer"}, "description": "with `detail`: width, height"},
        "model": {"type": "string", "description": "with `detail`: version of the models"},
    },
}
_ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def document(limits: Limits, secured: bool) -> dict[str, Any]:
    """Return the OpenAPI document of a service with these limits; `secured`: it wants a bearer token."""
    problems = {
        "400": "no photo, or not a form where it says so; an unknown parameter",
        "401": "the bearer token is missing or wrong",
        "408": f"the body did not come within {limits.seconds} seconds",
        "413": f"more than {limits.megabytes} MB, {limits.megapixels} megapixels or {limits.photos} photos",
        "415": "not an image of a known format",
        "422": "a damaged image",
        "503": "too many photos are waiting; Retry-After says when to try again",
    }
    binary = {"schema": {"type": "string", "format": "binary"}}
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": limits.photos}
    photo = {"$ref": "#/components/schemas/Photo"}
    read = {
        "summary": "Read the plates of one photo, or of several",
        "description": "The bytes of one photo are answered by an object, a form by a list in its order. Of several "
        "photos some may be damaged: they have an `error`; where none could be read, the answer is the error.",
        "parameters": [
            {
                "name": "detail",
                "in": "query",
                "schema": {"type": "boolean", "default": False},
                "description": "also the photo's size and the models' version",
            },
            {
                "name": "regions",
                "in": "query",
                "schema": {"type": "string", "example": "BR,AR"},
                "description": "countries whose plates are expected, as ISO 3166-1 alpha-2 codes; default: all",
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "image/*": binary,
                "multipart/form-data": {"schema": {"type": "object", "properties": {"photo": files}}},
            },
        },
        "responses": {
            "200": _json("what was read", {"oneOf": [photo, {"type": "array", "items": photo}]}),
            **{status: _json(text, {"$ref": "#/components/schemas/Error"}) for status, text in problems.items()},
        },
    }
    text = {"200": {"description": "text", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    value = {"200": _json("the models", {"type": "object"})}
    states = {"200": _json("yes", {"type": "object"})}
    full = _json("the queue is full", {"type": "object"})
    result: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "License plate recognition", "version": "1"},
        "paths": {
            "/v1/read": {"post": read},
            "/v1/model": {"get": {"summary": "The models in use, and their card", "responses": value}},
            "/health": {"get": {"summary": "Whether the process answers", "responses": states}},
            "/ready": {"get": {"summary": "Whether photos are taken", "responses": {**states, "503": full}}},
            "/metrics": {"get": {"summary": "Counters for Prometheus", "responses": text}},
        },
        "components": {"schemas": {"Plate": _PLATE, "Photo": _PHOTO, "Error": _ERROR}},
    }
    if secured:
        result["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        result["security"] = [{"token": []}]
    return result


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>lpr: the interface</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/assets/swagger-ui.css"></head>
<body><div id="ui"></div><script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="static/docs.js"></script></body></html>
"""


def assets() -> Path:
    """Return the folder of Swagger UI's files."""
    from swagger_ui_bundle import swagger_ui_path

    return Path(swagger_ui_path)
