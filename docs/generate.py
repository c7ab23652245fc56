"""Writes docs/pages/catalogue.md from the catalogue's objects; ``--check`` fails if the committed page differs."""

import pathlib
import sys

import ntr_spec as ntr
from ntr_spec.norms.catalogue import catalogue

PAGE = pathlib.Path(__file__).parent / "pages" / "catalogue.md"

HEAD = """# Catalogue

Generated from the objects by `python docs/generate.py`. ρ is the tight constant of ‖x‖_* ≤ ρ‖x‖₂ at the shape
shown; *proj* says whether the Euclidean projection on the ball is declared. The representatives below are what
`ntr-spec verify` verifies.

| norm | ‖x‖ | ‖g‖_* | ρ | proj | claims |
|---|---|---|---|---|---|
"""


def row(norm: ntr.Norm) -> str:
    """One line of the table."""
    shape = norm._shapes((3,))[0]
    try:
        rho = f"{norm.rho(shape):.4g} on {shape}"
    except ntr.NotDeclaredError:
        rho = "–"
    claims = ", ".join(sorted(claim.value for claim in norm.claims)) or "–"
    cells = [
        f"`{norm!r}`",
        norm._notation("x"),
        norm.dual._notation("g"),
        rho,
        "yes" if norm.has_projection else "–",
        claims,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Write the page, or compare it."""
    text = HEAD + "\n".join(row(norm) for _, norm in catalogue()) + "\n"
    if "--check" in sys.argv[1:]:
        if PAGE.read_text(encoding="utf-8") != text:
            print(f"{PAGE.name} is out of date; run python docs/generate.py")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
