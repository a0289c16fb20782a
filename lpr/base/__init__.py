"""The ground floor: errors, files, parsing, the lock of a stage, console."""
