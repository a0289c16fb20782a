"""The stages of dvc.yaml, one module each: read parameters, call lpr, write the outputs."""

from lpr.base.stage_lock import end_with_parent

# Before a stage imports what takes seconds to import.
end_with_parent()
