"""`python -m lpr` is the `lpr` command."""

from lpr.cli import main

if __name__ == "__main__":
    main()
