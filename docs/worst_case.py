"""Exact worst cases of the Euclidean method, by PEPit, beside the theorems' bounds, for n = 1 to 20 steps.

    python docs/worst_case.py [--page]

writes docs/worst_case.json, docs/pages/images/worst_case.png and the tables in docs/pages/worst_case.md; with --page
the last two, from the results that are there. The programs are in docs/performance.py.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import performance
from performance import FURTHEST, Run, Solved

from ntr_spec.theory import T1, T2, T3, T4, T5, THEOREMS, Constants, Plan, Theorem

HERE = pathlib.Path(__file__).parent
RESULTS = HERE / "worst_case.json"
PAGE = HERE / "pages" / "worst_case.md"
PICTURE = HERE / "pages" / "images" / "worst_case.png"
DECAY = 0.1

Row = dict[str, Any]


def gap_row(steps: int, theorem: Theorem, kind: str, alpha: float) -> Row:
    """T3 or T5 with β = 0.1, η = β."""
    attained = performance.gap(steps, kind, alpha, lambda k: DECAY, theorem.extrapolates)
    relaxed = performance.gap(steps, "star", alpha, lambda k: DECAY) if kind == "convex" else attained
    constants = Constants(L=1.0, H=0.0, rho=1.0, sigma=0.0, delta0=FURTHEST, D=1.0)
    bound = float(theorem.bound(constants, Plan(DECAY, 1 - alpha, DECAY, theorem.extrapolates, steps), steps))
    return row(steps, attained, relaxed, attained.dual, relaxed.dual, bound, bound / attained.dual)


def frank_wolfe_row(steps: int) -> Row:
    """Frank–Wolfe as it is: β = 2/(t+2); the bound is 2L(2D)²/(n+2) (Jaggi 2013, Theorem 1)."""
    attained = performance.gap(steps, "convex", 1.0, lambda k: 2 / (k + 2))
    bound = 8 / (steps + 2)
    return row(steps, attained, attained, attained.dual, attained.dual, bound, bound / attained.dual)


def run_row(steps: int, theorem: Theorem, kind: str, smoothness: float, alpha: float) -> Row:
    """T1, T2 or T4 with η = 1. The ratio is the bound at the F(x₀) − inf F that attains ε = 1, over that 1."""
    run = Run(steps, kind, smoothness, alpha, theorem.extrapolates)
    attained = run.attained()
    needed = run.needed(attained.primal)
    plan = Plan(1.0, 1 - alpha, 0.0, theorem.extrapolates, steps)

    def bound(start: float) -> float:
        constants = Constants(L=smoothness, H=0.0, rho=1.0, sigma=0.0, delta0=start)
        return float(theorem.bound(constants, plan, steps))

    least = steps * (1 - bound(0.0))  # the F(x₀) − inf F at which the bound is 1
    return row(steps, attained, needed, attained.primal, needed.dual, least, bound(attained.primal))


def row(steps: int, first: Solved, second: Solved, attained: float, relaxed: float, bound: float, ratio: float) -> Row:
    """A row of a table, JSON-able."""
    return {
        "n": steps,
        "attained": attained,
        "relaxed": relaxed,
        "bound": bound,
        "ratio": ratio,
        "status": [first.status, second.status],
        "accuracy": max(first.gap, second.gap),
    }


GAPS: dict[str, Callable[[int], Row]] = {
    "T3, α = 1": lambda n: gap_row(n, T3, "convex", 1.0),
    "T3, α = 1/2": lambda n: gap_row(n, T3, "convex", 0.5),
    "T5, α = 1/2": lambda n: gap_row(n, T5, "quadratic", 0.5),
    "Frank–Wolfe": frank_wolfe_row,
}
"""F(x_n) − F(x*): attained is exact on the class, relaxed is above it on a larger one, the bound is above both."""
RUNS: dict[str, Callable[[int], Row]] = {
    "T1": lambda n: run_row(n, T1, "smooth", 1 / 3, 1.0),
    "T2, α = 1/2": lambda n: run_row(n, T2, "smooth", 1 / 11, 0.5),
    "T4, α = 1/2": lambda n: run_row(n, T4, "quadratic", 1 / 3, 0.5),
}
"""F(x₀) − inf F of a run with all gradients ≥ 1: attained is one, no run is below relaxed, nor that below the bound."""


def tables(results: dict[str, list[Row]]) -> str:
    """The tables as Markdown."""
    return "\n\n".join(table(name, rows, name in RUNS) for name, rows in results.items())


def table(name: str, rows: Iterable[Row], run: bool) -> str:
    """One table."""
    if run:
        head = ["n", "F(x₀) − inf F, attained", "no run below", f"no run below, by {name[:2]}", "bound / worst case"]
    elif name.startswith("T3"):
        head = ["n", "worst case, convex", "star-convex, at most", "bound", "bound / worst case"]
    else:
        head = ["n", "worst case", "bound", "bound / worst case"]
    keys = ["attained", "relaxed", "bound", "ratio"] if len(head) == 5 else ["attained", "bound", "ratio"]
    lines = [f"### {name}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join([str(r["n"]), *(f"{r[key]:.4g}" for key in keys)]) + " |" for r in rows]
    return "\n".join(lines)


PLANNED = {
    "L = H = ρ = D = 1, σ = 0.5, Δ₀ = 3": (Constants(L=1.0, H=1.0, rho=1.0, sigma=0.5, delta0=3.0, D=1.0), 0.1),
    "the same, σ = 0": (Constants(L=1.0, H=1.0, rho=1.0, sigma=0.0, delta0=3.0, D=1.0), 0.1),
    "the same, σ = 0.5, ρ = 8": (Constants(L=1.0, H=1.0, rho=8.0, sigma=0.5, delta0=3.0, D=1.0), 0.5),
}


def plans() -> str:
    """Steps of the closed-form plan and of the optimized one, as a table."""
    lines = ["| constants | ε | theorem | closed form | optimized | gain |", "|---|---|---|---|---|---|"]
    for words, (constants, eps) in PLANNED.items():
        for theorem in THEOREMS:
            closed, best = theorem.plan(constants, eps).steps, theorem.optimal_plan(constants, eps).steps
            shown = (f"{float(f'{steps:.3g}'):,.0f}" for steps in (closed, best))
            lines.append(f"| {words} | {eps} | {theorem.name} | {' | '.join(shown)} | {closed / best:.1f} |")
    return "\n".join(lines)


def draw(results: dict[str, list[Row]], path: pathlib.Path) -> None:
    """The ratios, and T3's worst cases under their bound."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullLocator

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for name, rows in results.items():
        left.plot([r["n"] for r in rows], [r["ratio"] for r in rows], "o-", ms=3, label=name)
    left.set(
        xlabel="steps", ylabel="bound / worst case", yscale="log", title="How far the bound is above the worst case"
    )
    left.set_yticks([1, 2, 3, 5, 10, 20], labels=["1", "2", "3", "5", "10", "20"])
    left.yaxis.set_minor_locator(NullLocator())
    left.legend(fontsize=7, ncols=2, loc="upper right")
    left.set_ylim(1, 40)
    rows = results["T3, α = 1"]
    n = [r["n"] for r in rows]
    right.plot(n, [r["bound"] for r in rows], "k-", label="bound of T3")
    right.plot(n, [r["relaxed"] for r in rows], "s--", ms=3, label="star-convex f, at most")
    right.plot(n, [r["attained"] for r in rows], "o-", ms=3, label="convex f, exact")
    right.set(xlabel="steps", ylabel="F(x_n) − F(x*)", yscale="log", title="T3, α = 1, η = β = 0.1, L = D = 1")
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.set_xticks([1, 5, 10, 15, 20])
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def paste(page: str, mark: str, text: str) -> str:
    """The page with what stands between two marks replaced."""
    begin, end = f"<!-- {mark}: python docs/worst_case.py -->", f"<!-- end of {mark} -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}"


def solved() -> dict[str, list[Row]]:
    """All rows, printed as they come."""
    results: dict[str, list[Row]] = {}
    for name, setting in {**RUNS, **GAPS}.items():
        results[name] = []
        for n in range(1, 21):
            start = time.perf_counter()
            results[name].append(setting(n))
            print(f"{name}: {results[name][-1]} ({time.perf_counter() - start:.1f} s)", flush=True)
    return results


def main() -> None:
    """Solve, print, write."""
    if "--page" not in sys.argv[1:]:
        RESULTS.write_text(json.dumps(solved(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    page = paste(paste(page, "tables", tables(results)), "plans", plans())
    PAGE.write_text(page, encoding="utf-8")
    draw(results, PICTURE)


if __name__ == "__main__":
    main()
