"""PEPit's exact worst cases of the Euclidean method: below every theorem's bound, attained, and as the page says."""

import itertools
import json
import math
import pathlib
import sys

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.theory import T1, T2, T3, T4, Constants, Plan

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SLACK = 1e-5
"""Relative: Clarabel's tolerances and what PEPit leaves of an inexact dual, at 20 steps."""


@pytest.fixture(scope="module")
def scripts():
    """The two scripts of the documentation."""
    sys.path.insert(0, str(DOCS))
    try:
        import performance
        import worst_case
    finally:
        sys.path.remove(str(DOCS))
    return performance, worst_case


@pytest.fixture(scope="module")
def committed():
    return json.loads((DOCS / "worst_case.json").read_text(encoding="utf-8"))


def ordered(name, row, runs):
    """The bound is on the far side of the relaxation, which is on the far side of what is attained."""
    values = [row["attained"], row["relaxed"], row["bound"]]
    if name in runs:  # the least F(x₀) − inf F: attained ≥ needed ≥ what the theorem leaves
        values.reverse()
    assert all(math.isfinite(v) for v in values)
    for low, high in itertools.pairwise(values):
        assert low <= high + SLACK * abs(high)
    assert row["ratio"] >= 1 - SLACK


NAMES = ["T1", "T2, α = 1/2", "T4, α = 1/2", "T3, α = 1", "T3, α = 1/2", "T5, α = 1/2", "Frank–Wolfe"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_few_steps_solved_anew(scripts, committed, name, steps):
    _, page = scripts
    row = {**page.RUNS, **page.GAPS}[name](steps)
    ordered(name, row, page.RUNS)
    old = committed[name][steps - 1]
    for key in ("attained", "relaxed", "bound", "ratio"):
        assert row[key] == pytest.approx(old[key], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_many_steps_solved_anew(scripts, committed, name):
    """A sample; all 20 take ten minutes, and ``python docs/worst_case.py`` solves them. T3 without its relaxation."""
    performance, page = scripts
    for old in (committed[name][n - 1] for n in (6, 12)):
        if name.startswith("T3"):
            alpha = 1.0 if name.endswith("1") else 0.5
            attained = performance.gap(old["n"], "convex", alpha, lambda k: page.DECAY).dual
            row = {**old, "attained": attained}
        else:
            row = {**page.RUNS, **page.GAPS}[name](old["n"])
        ordered(name, row, page.RUNS)
        assert row["attained"] == pytest.approx(old["attained"], rel=1e-3)


def test_the_committed_results_are_ordered_and_complete(scripts, committed):
    _, page = scripts
    assert list(committed) == [*page.RUNS, *page.GAPS] == NAMES
    for name, rows in committed.items():
        assert [row["n"] for row in rows] == list(range(1, 21))
        for row in rows:
            ordered(name, row, page.RUNS)
            assert set(row["status"]) <= {"optimal", "optimal_inaccurate"}
            assert row["accuracy"] <= SLACK * max(1.0, abs(row["attained"]))


def test_the_page_shows_the_committed_results(scripts, committed):
    _, page = scripts
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.tables(committed) in text
    assert page.plans() in text
    assert page.PICTURE.stat().st_size > 10_000


@pytest.mark.parametrize("delta", [0.05, 0.3])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_inexact_steps_stay_below_the_bounds(scripts, delta, steps):
    """Any v with ‖v‖ ≤ 1 and ⟨m, v⟩ ≤ −(1−δ)‖m‖: relaxations for T1, T2 and T3, so that a true bound is above them."""
    performance, page = scripts
    for theorem, L, alpha in ((T1, 1 / 3, 1.0), (T2, 1 / 11, 0.5)):
        needed = performance.Run(steps, "smooth", L, alpha, False, delta).needed(100.0)
        c = Constants(L=L, rho=1.0, sigma=0.0, delta0=needed.dual)
        assert theorem.bound(c, Plan(1.0, 1 - alpha, 0.0, False, steps), steps, delta) >= 1 - SLACK
    worst = performance.gap(steps, "star", 0.5, lambda k: page.DECAY, False, delta)
    exact = performance.gap(steps, "star", 0.5, lambda k: page.DECAY)
    c = Constants(L=1.0, rho=1.0, sigma=0.0, delta0=2.0, D=1.0 - delta)
    bound = T3.bound(c, Plan(page.DECAY, 0.5, page.DECAY, False, steps), steps, delta)
    assert worst.dual <= bound
    assert 0.1 < worst.dual / exact.dual < 2, "δ matters, and the program still says something"


# ---- what PEPit says, by hand and by the package's own method -----------------------------------------------------


class Zigzag:
    """A function on R of slope 1 at 0, −1, …, 1 − K, dipping to 1 − L/2 between; 1 − L at 1; falling to 0 at last.

    Its derivative is L-Lipschitz, and from x₀ = 1 every step of length 1 finds slope 1, with
    f(x₀) − inf f = 1 − L/2 + (K−1)(1 − L/4) + 1/(2L).
    """

    def __init__(self, L, steps):
        self.L, self.last = L, 1 - steps

    def slope(self, x):
        if x >= 0:
            return 1 - self.L * min(x, 1.0)
        if x <= self.last:
            return max(1 - self.L * (self.last - x), 0.0)
        return 1 - self.L * min(x - math.floor(x), math.ceil(x) - x)

    def start(self):
        """f(1) − inf f, by quadrature on the pieces."""
        knots = [self.last - 1 / self.L, *np.arange(self.last, 1.01, 0.5)]
        pieces = itertools.pairwise(knots)
        return sum((b - a) * (self.slope(a) + self.slope(b)) / 2 for a, b in pieces)


@pytest.mark.parametrize(("name", "L", "alpha"), [("T1", 1 / 3, 1.0), ("T2, α = 1/2", 1 / 11, 0.5)])
def test_a_function_attains_what_the_solver_finds(committed, name, L, alpha):
    for row in committed[name]:
        steps = row["n"]
        f = Zigzag(L, steps)
        assert f.start() == pytest.approx(1 - L / 2 + (steps - 1) * (1 - L / 4) + 1 / (2 * L), rel=1e-12)
        assert row["attained"] == pytest.approx(f.start(), rel=1e-6)
        method = ntr.TrustRegion(ntr.L2(), radius=1.0, momentum=1 - alpha)
        state, slopes = method.init(np.array([1.0])), []
        for _ in range(steps):
            state = method.update(state, np.array([f.slope(float(state.query[0]))]))
            slopes.append(f.slope(float(state.x[0])))
        assert slopes == pytest.approx([1.0] * steps, abs=1e-9)
        theorem = T1 if alpha == 1 else T2
        bound = theorem.bound(Constants(L=L, rho=1.0, sigma=0.0, delta0=f.start()), method, steps)
        assert row["ratio"] == pytest.approx(bound / min(slopes), rel=1e-6)
        assert bound >= min(slopes)


def test_the_zigzag_is_smooth():
    f = Zigzag(1 / 3, 6)
    x = np.linspace(-10, 1, 2001)
    slopes = np.array([f.slope(v) for v in x])
    assert np.max(np.abs(np.diff(slopes) / np.diff(x))) <= 1 / 3 + 1e-9


def test_a_quadratic_attains_what_the_solver_finds(committed):
    """λx²/2 with λ = min{L, 1/n} from x₀ = n + 1/λ: gradients shrink by λ each step, to 1."""
    for row in committed["T4, α = 1/2"]:
        steps = row["n"]
        curvature = min(1 / 3, 1 / steps)
        start = steps + 1 / curvature
        assert row["attained"] == pytest.approx(curvature * start**2 / 2, rel=1e-5)
        method = ntr.TrustRegion(ntr.L2(), radius=1.0, momentum=0.5, extrapolation=True)
        state, found = method.init(np.array([start])), []
        for _ in range(steps):
            state = method.update(state, curvature * state.query)
            found.append(abs(curvature * float(state.x[0])))
        assert min(found) == pytest.approx(1.0)
        c = Constants(L=1 / 3, H=0.0, rho=1.0, sigma=0.0, delta0=curvature * start**2 / 2)
        assert row["ratio"] == pytest.approx(T4.bound(c, method, steps), rel=1e-4)


def test_runs_with_decay_stay_below_the_worst_case(committed):
    """Random convex quadratics in the plane, minimizer and start in the unit ball; none above, one not far below."""
    rng = np.random.default_rng(3)
    closest = 0.0
    worst = committed["T3, α = 1"]
    method = ntr.TrustRegion(ntr.L2(), radius=0.1, momentum=0.0, decay=0.1)
    for _ in range(150):
        basis = np.linalg.qr(rng.normal(size=(2, 2)))[0]
        P = basis @ np.diag([1.0, rng.uniform(0, 1)]) @ basis.T
        best, start = (v / max(1.0, np.linalg.norm(v)) for v in rng.normal(size=(2, 2)) * rng.uniform(0.3, 5))
        state = method.init(start)
        for row in worst:
            state = method.update(state, P @ (state.query - best))
            gap = (state.x - best) @ P @ (state.x - best) / 2
            assert gap <= row["attained"] * (1 + SLACK)
            closest = max(closest, gap / row["attained"])
    assert closest > 0.8


def test_the_known_worst_case_of_frank_wolfe(committed):
    """Below 2L(2D)²/(n+2); after one step, from anywhere, the gap is at most 2LD² and that is attained."""
    for row in committed["Frank–Wolfe"]:
        assert row["bound"] == 8 / (row["n"] + 2)
        assert row["attained"] <= row["bound"]
    assert committed["Frank–Wolfe"][0]["attained"] == pytest.approx(2.0, rel=1e-6)


def test_a_bound_made_smaller_is_caught(committed):
    """The oracle has teeth: T1 with a third of its constants says less than what is attained, in every row."""
    for row in committed["T1"]:
        c, plan = Constants(L=1 / 3, delta0=row["attained"]), Plan(1.0, 0.0, 0.0, False, row["n"])
        assert T1.bound(c, plan, row["n"]) >= 1
        assert T1.altered(start=1 / 3, curvature=1 / 3).bound(c, plan, row["n"]) < 1
    assert T1.altered(start=1 / 2).bound(c, plan, 20) < 1
