"""``python -m proofs_checks --write``: regenerate VERDICTS.md from all the evidence."""

from __future__ import annotations

import sys
from pathlib import Path

from proofs_checks.claims import CLAIMS
from proofs_checks.run import TABLE, check_all, table


def main(arguments: list[str]) -> int:
    """Write the table, or say how to."""
    if arguments != ["--write"]:
        sys.stderr.write("usage: python -m proofs_checks --write   (to check: sua verify)\n")
        return 2
    path = Path(__file__).parent / TABLE
    path.write_text(table(check_all(CLAIMS, deep=True)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
