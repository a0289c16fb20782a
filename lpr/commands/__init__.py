"""The commands of `lpr`, a module for each group: `add(subparsers)` declares them, and imports nothing heavy."""
