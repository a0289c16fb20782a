"""A stand-in for Kaggle's service: state, faults to order, and a record of what was asked."""

from standin.faults import Fault
from standin.server import StandIn
from standin.state import Dataset, Kernel, Version

__all__ = ["Dataset", "Fault", "Kernel", "StandIn", "Version"]
