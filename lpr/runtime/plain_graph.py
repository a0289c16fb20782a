"""Whether an .onnx file is a plain graph in one file, found out before ONNX Runtime opens it.

ONNX allows weights that lie in other files, loops without end, and operators of whoever. Our exports have none of
them. Only the framing of the protobuf message is read, in milliseconds and without the package onnx.
"""

from __future__ import annotations

from collections.abc import Iterator

_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_WEIGHTS, _GRAPH_SPARSE = 1, 5, 15
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS = 5, 10
_ATTRIBUTE_GRAPHS = (6, 11)
_ATTRIBUTE_SPARSE = (22, 23)
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_STANDARD = (b"", b"ai.onnx")
"""Names of the domain of ONNX's own operators."""


def check(data: bytes) -> None:
    """Raise ValueError where a model is no protobuf message, or holds what a plain graph does not."""
    for field, graph in _fields(memoryview(data)):
        if field in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
            raise ValueError("it holds functions or training steps")
        if field == _MODEL_GRAPH:
            for part, value in _fields(graph):
                if part == _GRAPH_NODE:
                    _check_node(value)
                elif part == _GRAPH_WEIGHTS:
                    _check_tensor(value)
                elif part == _GRAPH_SPARSE:
                    raise ValueError("it holds sparse weights")


def _check_node(node: memoryview) -> None:
    for field, value in _fields(node):
        if field == _NODE_DOMAIN and bytes(value) not in _STANDARD:
            raise ValueError(f"its operator {_operator(node)!r} is not one of ONNX's own")
        if field == _NODE_ATTRIBUTE:
            for part, inner in _fields(value):
                if part in _ATTRIBUTE_GRAPHS:
                    raise ValueError(f"its operator {_operator(node)!r} runs a graph of its own: a loop or a branch")
                if part in _ATTRIBUTE_SPARSE:
                    raise ValueError("it holds sparse weights")
                if part in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
                    _check_tensor(inner)


def _operator(node: memoryview) -> str:
    operator = b"".join(bytes(value) for field, value in _fields(node) if field == _NODE_OPERATOR)
    return operator[:40].decode("utf-8", "replace")


def _check_tensor(tensor: memoryview) -> None:
    if any(field in (_TENSOR_EXTERNAL, _TENSOR_LOCATION) and value for field, value in _fields(tensor)):
        raise ValueError("its weights lie in another file")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and bytes of each field of a protobuf message; of a number, `b"\\x01"`, or nothing where it is 0."""
    at, end = 0, len(message)
    while at < end:
        key, at = _number(message, at)
        kind, size = key & 7, 0
        if kind == 0:
            value, at = _number(message, at)
            yield key >> 3, memoryview(b"\x01" if value else b"")
            continue
        if kind == 2:
            size, at = _number(message, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError("no ONNX model")
        if at + size > end:
            raise ValueError("cut short")
        yield key >> 3, message[at : at + size]
        at += size


def _number(message: memoryview, at: int) -> tuple[int, int]:
    """Return the whole number (base 128, lowest digits first) at a place, and the place after it."""
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("cut short")
