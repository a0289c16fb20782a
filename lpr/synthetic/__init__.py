"""Rendered plates: crops and scenes with exact annotations, for training without photographs."""

from lpr.synthetic.renderer import Rendered, RenderedPlate, Renderer

__all__ = ["Rendered", "RenderedPlate", "Renderer"]
