"""Writes the pages made from objects, those that are out of date; ``--check`` fails if a committed page differs."""

import pathlib
import sys

import equations
import experiments_page

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))  # proofs, in a checkout

import proofs_page
import theory

import ntr_spec as ntr
from ntr_spec.norms.catalogue import catalogue
from proofs.recheck import recheck

PAGES = pathlib.Path(__file__).parent / "pages"

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
    """Write the pages, or compare them."""
    results = {result.lemma.name: result for result in recheck()}
    failing = [result.lemma.name for result in results.values() if not result.ok]
    if failing:
        print(f"{', '.join(failing)}: not proved; run ntr-spec prove {' '.join(failing)}")
        return 1
    experiments = experiments_page.page()
    made = {
        "catalogue.md": HEAD + "\n".join(row(norm) for _, norm in catalogue()) + "\n",
        "equations.md": equations.page(),
        "experiments.md": experiments,
        "theory.md": theory.page(results, experiments),
        "proofs.md": proofs_page.page(results),
    }
    late = []
    for name, text in made.items():
        file = PAGES / name
        if "--check" not in sys.argv[1:]:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            late.append(name)
    if late:
        print(f"{', '.join(late)} is out of date; run python docs/generate.py")
    return len(late)


if __name__ == "__main__":
    sys.exit(main())
