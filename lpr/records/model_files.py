"""The names of the model files in a bundle."""

from __future__ import annotations

MODELS = ("detector.onnx", "ocr.onnx")
"""What reads plates."""
CHECKPOINTS = ("detector.pt", "ocr.pt")
"""What a training may start from."""
MODEL_FILES = MODELS + CHECKPOINTS
"""The files by which a bundle is recognised. Its metadata hold a date, so that they differ where the models do not."""
