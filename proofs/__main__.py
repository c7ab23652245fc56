"""Recheck every lemma: ``python -m proofs`` for all of them, ``python -m proofs NAME…`` for some.

Exit status 0: all hold; 1: a proof fails or is missing; 2: no lemma of that name.
"""

from __future__ import annotations

import sys

from proofs.recheck import recheck, table


def main(arguments: list[str]) -> int:
    """Run the proofs and print a table."""
    try:
        results = recheck(arguments)
    except KeyError as unknown:
        print(f"proofs: no lemma is called {unknown}; run python -m proofs for the list", file=sys.stderr)
        return 2
    print(table(results))
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
