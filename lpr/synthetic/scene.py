"""Whole photographs, thin for now: plates on painted cars before a cloudy background."""
from __future__ import annotations
