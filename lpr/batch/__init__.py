"""Many photos: lines of readings, drawings, and what an engine for large jobs calls."""
