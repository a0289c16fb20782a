"""The stages of dvc.yaml, one module each: read parameters, call lpr, write the outputs."""
