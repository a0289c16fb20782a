"""`python -m tests.fuzz`: mutated inputs of every kind, as many as wanted; exit 1 when one is not taken as it should.

python -m tests.fuzz --cases 20000 --seed 7              all kinds, 20,000 cases together
python -m tests.fuzz --kind image --seed 7 --case 123    one case again
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.fuzz.runner import Finding, fuzz
from tests.fuzz.targets import KINDS, shares


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Feed mutated inputs to lpr.")
    parser.add_argument("--kind", choices=KINDS, action="append", help="default: every kind")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--cases", type=int, default=1000, help="of all kinds together; default: %(default)s")
    parser.add_argument("--case", type=int, help="run this one alone")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="copy the inputs there")
    arguments = parser.parse_args()
    if arguments.keep:
        os.environ["LPR_FUZZ_KEEP"] = str(arguments.keep.resolve())
    findings = 0
    for kind, count in shares(arguments.kind or KINDS, arguments.cases).items():
        first, count = (0, count) if arguments.case is None else (arguments.case, 1)
        result = fuzz(kind, arguments.seed, first, count, _print)
        findings += len(result.findings)
        outcomes = ", ".join(f"{number} {name}" for name, number in sorted(result.outcomes.items()))
        print(
            f"{kind}: {outcomes}; {result.seconds:.0f} s of CPU, slowest {result.slowest:.1f} s, most memory "
            f"{result.grown} MiB, findings {len(result.findings)}",
            flush=True,
        )
    return 1 if findings else 0


def _print(finding: Finding) -> None:
    print(finding, flush=True)


if __name__ == "__main__":
    sys.exit(main())
