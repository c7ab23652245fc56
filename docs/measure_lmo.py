"""Prints the tables of docs/pages/speed.md on LMOs from a report of ``ntr-spec bench``.

ntr-spec bench --shape 1024x1024,4096x1024,128x64x64 --library numpy,torch --seconds 5 \\
    --json docs/bench.json --plot docs/pages/images/bench.png
python docs/measure_lmo.py docs/bench.json
"""

import re
import sys
from collections.abc import Iterator

from ntr_spec.bench import Case, Report, Row, Standing, report_from
from ntr_spec.bench.results import paired
from ntr_spec.bench.settings import written
from ntr_spec.cli.bench import duration, three_digits

SVD = {
    "numpy": "numpy.linalg.svd",
    "torch": "torch.linalg.svd",
    "jax": "jax.numpy.linalg.svd",
    "cupy": "cupy.linalg.svd",
}

# (peer, shape, δ, the most that it may take of the time of an SVD)
AGAINST_SVD = (
    ("numpy.linalg.svd", (1024, 1024), 1e-2, 0.6),
    ("numpy.linalg.svd", (1024, 1024), 1e-5, 0.75),
    ("numpy.linalg.svd", (2048, 2048), 1e-2, 0.6),
    ("numpy.linalg.svd", (2048, 2048), 1e-5, 0.75),
    ("numpy.linalg.svd", (4096, 1024), 1e-5, 0.3),
    ("numpy.linalg.svd", (128, 64, 64), 1e-2, 0.5),
    ("numpy.linalg.svd", (128, 64, 64), 1e-5, 0.5),
)
WITHIN = 1.15  # of the products that a polynomial iteration takes


def case_of(report: Report, library: str, shape: tuple[int, ...]) -> Case | None:
    """The table of Gaussian float32 matrices."""
    for case in report.cases:
        if (case.library, case.shape, case.dtype, case.spectrum) == (library, shape, "float32", "gaussian"):
            return case if case.norm == "spectral" else None
    return None


def fastest(case: Case, level: float) -> Row | None:
    """The fastest solver here that certifies the level."""
    fitting = [row for row in case.rows if row.kind == "solver" and row.accuracy is not None and row.accuracy <= level]
    return min(fitting, key=lambda row: row.seconds.median, default=None)


def verdict(value: float, target: float) -> str:
    """The measured ratio, and whether it is what was wanted."""
    return f"{value:.2f}" + ("" if value <= target else ": **missed**")


def against_svd(report: Report) -> Iterator[str]:
    """Rows on solvers beside a full decomposition."""
    for name, shape, level, target in AGAINST_SVD:
        case = case_of(report, "numpy", shape)
        if case is None:
            continue
        svd = next(row for row in case.rows if row.name == name)
        ours = fastest(case, level)
        what = f"`{name}`, {written(shape)}, certified δ ≤ {level:.0e} | "
        if ours is None:
            least = min((row.delta for row in case.rows if row.delta is not None), default=float("nan"))
            yield f"| {what}– (least certified δ: {least:.1e}): **missed** | {target} |"
            continue
        ratio = paired(ours.samples, svd.samples, lambda a, b: a / b)
        yield f"| {what}{verdict(ratio, target)}, `{ours.name}`, {duration(ours.seconds)} | {target} |"


def products(row: Row, case: Case) -> float | None:
    """How many GEMMs a polynomial iteration takes: XXᵀ, its square and a product with X in every step."""
    steps = re.fullmatch(r"PolarExpress\(steps=(\d+)\)", row.name)
    m, n = sorted(case.shape[-2:])
    return None if steps is None else int(steps[1]) * (2 + m / n)


def against_products(report: Report) -> Iterator[str]:
    """Rows on polynomial iterations beside their products."""
    for case in report.cases:
        found = [(row, products(row, case), case.gemms(row)) for row in case.rows]
        ratios = [(gemms / count, row.name) for row, count, gemms in found if count and gemms]
        if ratios:
            worst, name = max(ratios)
            title = f"{case.place}, {case.dtype}, {written(case.shape)}"
            yield f"| {title}, `PolarExpress` | {verdict(worst, WITHIN)} at worst (`{name}`) | {WITHIN} |"


def against_peers(report: Report) -> Iterator[str]:
    """Rows on every peer at the δ that it truly has."""
    for case in report.cases:
        for each in case.standings():
            yield f"| {case.place}, {case.dtype}, {written(case.shape)}, `{each.peer}` | {standing(each)} | 1 |"


def standing(each: Standing) -> str:
    """One cell."""
    if each.ratio is None:
        return f"nothing certifies δ ≤ {each.level:.1e}: **missed**"
    return f"{verdict(each.ratio, 1.0)}, `{each.ours}`, certified {each.delta:.1e} ≤ {each.level:.1e}"


def memory(report: Report) -> Iterator[str]:
    """A row on what calls leave behind."""
    grown = [(row.growth, row.name) for case in report.cases for row in case.rows if row.growth is not None]
    if grown:
        most, name = max(grown)
        calls = report.settings["memory"]
        yield f"| memory after {calls} calls, the worst of {len(grown)} | {most / 1024:.0f} KiB (`{name}`) | none |"


def front(case: Case) -> Iterator[str]:
    """The Pareto front of one table."""
    yield f"**{case.title}**\n\n| solver | time | GEMMs | δ certified | δ true |\n|---|---|---|---|---|"
    for row in case.front():
        shown = "–" if row.delta is None else f"{row.delta:.1e}"
        name = f"`{row.name}`" + (" (peer)" if row.kind == "peer" else "")
        yield f"| {name} | {duration(row.seconds)} | {three_digits(case.gemms(row))} | {shown} | {row.true:.1e} |"


def main() -> None:
    """All tables."""
    report = report_from(sys.argv[1])
    held, certificates = report.certificates
    about = report.environment
    print(f"{about['processor']}, {about['processors']} processors; {held} of {certificates} certificates held.\n")
    print("| what | of the time of the other | target |\n|---|---|---|")
    for rows in (against_svd, against_products, against_peers, memory):
        print("\n".join(rows(report)))
    for case in report.cases:
        print("\n" + "\n".join(front(case)))


if __name__ == "__main__":
    main()
