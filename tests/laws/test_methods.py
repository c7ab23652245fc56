"""Each law of a method holds for right methods and fails for wrong ones: a mutant, and what must kill it."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from ntr_spec.algorithms import Convention, Method, State, TrustRegion
from ntr_spec.algorithms.contrast import MomentumAfterLMO
from ntr_spec.arrays import combine, tolerance
from ntr_spec.laws import Kind, Law, Relation
from ntr_spec.laws.methods import METHOD_LAWS
from ntr_spec.norms import L1, L2, LInf, Lp, Nuclear, Product, Spectral
from ntr_spec.norms.leaves import PerLeaf
from ntr_spec.norms.polar import NewtonSchulz, PolarExpress
from ntr_spec.norms.shaped import ShapeScaled
from ntr_spec.steps import Box, Penalty, Ridge
from ntr_spec.trees import Shape, as_shape, leaves, tree_map
from ntr_spec.verify import Settings, Status
from ntr_spec.verify.exact import check
from ntr_spec.verify.opaque import Opaque, prove
from ntr_spec.verify.symbolic import symbols

LAWS = {law.name: law for law in METHOD_LAWS}
DRAWS = 15


def draw(shape: Any, kind: Kind, dtype: Any, rng: np.random.Generator) -> Any:
    """A point: plain, on a grid with ties, with zeros, or far from one in size."""
    if kind is Kind.POSITIVE:
        return dtype(rng.uniform(0.1, 10))
    style = rng.integers(4)

    def leaf(shape: Shape) -> Any:
        x = rng.standard_normal(shape.dims)
        x = [x, np.round(2 * x), x * (rng.random(shape.dims) < 0.5), x * 10.0 ** rng.uniform(-5, 5)][style]
        return x.astype(dtype)

    return tree_map(leaf, shape)


def holds(relation: Relation, eps: float, size: int) -> bool:
    if relation.given is not None and not bool(relation.given):
        return True
    lhs, rhs = float(relation.lhs), float(relation.rhs)
    scale = 0.0 if relation.scale is None else float(relation.scale)
    if relation.op == "<":
        return lhs < rhs
    slack = tolerance(eps, size) * max(abs(lhs), abs(rhs), scale)
    return lhs <= rhs + slack if relation.op == "<=" else abs(lhs - rhs) <= slack


def failing(method: Any, shape: Any, laws: Any = METHOD_LAWS, dtype: Any = np.float64, draws: int = DRAWS) -> set[str]:
    """Names of the laws that a method breaks on some drawn points."""
    rng, shape = np.random.default_rng(0), as_shape(shape)
    size = sum(leaf.size for leaf in leaves(shape))
    found = set()
    for law in laws:
        if law.missing(method) is not None:
            continue
        for _ in range(draws):
            points = [draw(shape, kind, dtype, rng) for _, kind in law.variables]
            if not all(holds(r, float(np.finfo(dtype).eps), size) for r in law.relation(method, *points)):
                found.add(law.name)
                break
    return found


# ---- right methods --------------------------------------------------------------------------------------------------

SPACES = [
    (L1(), 4),
    (L2(), 5),
    (LInf(), (2, 3)),
    (Lp(3.0), 3),
    (Spectral(), (3, 2)),
    (Spectral(), (2, 2)),
    (Nuclear(), (3, 2)),
    (Product({"W": Spectral(), "b": LInf()}), {"W": (3, 2), "b": 3}),
    (PerLeaf(LInf()), {"W": (3, 2), "b": 3}),
    (PerLeaf(L2(), outer=L2()), {"W": (3, 2), "b": 3}),
    (PerLeaf(ShapeScaled(Spectral(), "max(1, out/in)")), {"W": (3, 2), "K": (2, 1, 2, 2)}),
]
SETTINGS: list[dict[str, Any]] = [
    {},
    {"radius": 0.5, "decay": 0.1, "extrapolation": True},
    {"radius": lambda k: 1 / (k + 1), "momentum": 0.95, "convention": Convention(nesterov=True)},
    {"radius": 0.1, "decay": 1.0, "convention": Convention("sum", "zero", nesterov=True)},
    {"decay": 0.5, "convention": Convention(start="zero", nesterov=True, bias_correction=True)},
    {"decay": lambda k: 0.1, "convention": Convention(start="zero", bias_correction=True)},
    {"momentum": 0.0, "extrapolation": True, "convention": Convention(blend=0.99)},
]


@pytest.mark.parametrize(("norm", "shape"), SPACES, ids=str)
@pytest.mark.parametrize("settings", SETTINGS, ids=range(len(SETTINGS)))
def test_right_methods_break_no_law(norm, shape, settings):
    method = TrustRegion(norm, **settings)
    assert failing(method, shape, draws=8) == set()
    assert failing(method, shape, dtype=np.float32, draws=4) == set()


@pytest.mark.parametrize("regularizer", [Ridge(2.0), Box(-1.0, 1.0), Penalty(L1(), 0.5)], ids=str)
def test_right_methods_with_a_regularizer_break_no_law(regularizer):
    for norm in (LInf(), L2()):
        method = TrustRegion(norm, 0.3, regularizer=regularizer)
        assert failing(method, 3) == set()
        assert failing(method, 3, dtype=np.float32) == set()
        assert LAWS["moves_at_most_radius"].missing(method) is None
        assert LAWS["step_optimal"].missing(method) == "the step minimizes the regularizer too"


# ---- wrong methods --------------------------------------------------------------------------------------------------


def mutant(**members: Any) -> Any:
    """A class of methods that differ from TrustRegion in these members."""
    return type("Mutant", (TrustRegion,), members)


def with_step(step: Any) -> Any:
    """Mutants that take another step than shrink·x + radius·lmo(u)."""
    return mutant(_step=lambda self, u, x, radius, shrink, xp: step(self.norm.lmo(u), u, x, radius, shrink))


def with_accumulation(accumulate: Any) -> Any:
    """Mutants that keep momentum otherwise."""
    return mutant(_accumulate=lambda self, state, g, kept, xp: accumulate(self, state, g, kept))


def with_next(change: Any) -> Any:
    """Mutants that return another state."""
    return mutant(update=lambda self, state, g: change(self, state, TrustRegion.update(self, state, g)))


def momentum_after_lmo(self, state, g):
    momentum = combine(self.momentum, state.momentum, 1 - self.momentum, self.norm.lmo(g))
    x = combine(1 - self.decay, state.x, self.radius, momentum)
    return state._replace(x=x, momentum=momentum, ahead=x if self.extrapolation else None, step=state.step + 1)


def along_the_gradient(self, state, g, kept):
    momentum = combine(kept, state.momentum, 1 - kept, g) if state.step else g
    return momentum, g


def along_the_old_momentum(self, state, g, kept):
    return TrustRegion._accumulate(self, state, g, kept, None)[0], state.momentum


def swapped(self, state, g, kept):
    momentum = combine(1 - kept, state.momentum, kept, g) if state.step else g
    return momentum, momentum


def never_first(self, state, g, kept):
    momentum = combine(kept, state.momentum, 1 - kept, g)
    return momentum, momentum


def reaching(reach: Any) -> Any:
    def change(self, old, new):
        return new._replace(ahead=combine(1.0 + reach(self.momentum), new.x, -reach(self.momentum), old.x))

    return change


MUTANTS: list[tuple[str, Any, set[str]]] = [
    ("uphill", with_step(lambda v, u, x, r, c: c * x - r * v), {"step_optimal", "is_sign_descent", "scale_free_step"}),
    ("decay after the step", with_step(lambda v, u, x, r, c: c * (x + r * v)), {"step_optimal", "is_sign_descent"}),
    (
        "decay in the gradient",
        mutant(_step=lambda self, u, x, r, c, xp: x + r * self.norm.lmo(u + 3 * (1 - c) * x)),
        {"step_optimal", "decay_bounds_iterates"},
    ),
    (
        "no decay",
        with_step(lambda v, u, x, r, c: x + r * v),
        {"moves_at_most_radius", "decay_bounds_iterates", "step_optimal"},
    ),
    (
        "twice as far",
        with_step(lambda v, u, x, r, c: c * x + 2 * r * v),
        {"moves_at_most_radius", "decay_bounds_steps", "decay_bounds_iterates", "step_optimal"},
    ),
    ("half as far", with_step(lambda v, u, x, r, c: c * x + r * v / 2), {"step_optimal", "momentum_before_step"}),
    (
        "gradient descent",
        with_step(lambda v, u, x, r, c: c * x - r * u),
        {"scale_free_step", "moves_at_most_radius", "step_optimal"},
    ),
    ("largest entry only", with_step(lambda v, u, x, r, c: c * x - r * u / (abs(u).max() + 1e-9)), {"is_sign_descent"}),
    (
        "momentum after the LMO",
        mutant(update=momentum_after_lmo),
        {"momentum_accumulates", "first_momentum", "momentum_before_step", "step_optimal"},
    ),
    ("along the gradient", with_accumulation(along_the_gradient), {"momentum_before_step", "step_optimal"}),
    ("along the old momentum", with_accumulation(along_the_old_momentum), {"momentum_before_step", "step_optimal"}),
    ("weights swapped", with_accumulation(swapped), {"momentum_accumulates", "momentum_before_step"}),
    ("no first update", with_accumulation(never_first), {"first_momentum", "momentum_before_step"}),
    ("reach μ", with_next(reaching(lambda kept: kept)), {"next_query"}),
    ("reach 1", with_next(reaching(lambda kept: 1.0)), {"next_query", "extrapolation_needs_momentum"}),
    ("reach backwards", with_next(reaching(lambda kept: -kept / (1 - kept))), {"next_query"}),
    ("not counting", with_next(lambda self, old, new: new._replace(step=old.step)), {"counts_steps"}),
    ("x kept", with_next(lambda self, old, new: new._replace(x=old.x)), {"step_optimal", "is_sign_descent"}),
]


@pytest.mark.parametrize(("make", "killers"), [row[1:] for row in MUTANTS], ids=[row[0] for row in MUTANTS])
def test_wrong_methods_are_caught(make, killers):
    method = make(LInf(), radius=0.5, momentum=0.7, decay=0.3, extrapolation=True)
    laws = [LAWS[name] for name in killers]
    assert failing(method, 3, laws, draws=60) == killers


NAMED = [
    (L2(), 3, "is_normalized_descent", lambda v, u, x, r, c: c * x - r * np.sign(u)),
    (L2(), 3, "is_normalized_descent", lambda v, u, x, r, c: c * x - r * u),
    (PerLeaf(L2(), outer=L2()), 3, "is_normalized_descent", lambda v, u, x, r, c: c * x + r * v / 2),
    (LInf(), 3, "is_sign_descent", lambda v, u, x, r, c: c * x - r * np.tanh(u)),
    (PerLeaf(LInf()), 3, "is_sign_descent", lambda v, u, x, r, c: c * x - r * np.sign(np.abs(u))),
    # U·V in place of U·Vᵀ; the momentum unorthogonalized; its leading direction alone; transposed halves.
    (Spectral(), (2, 2), "is_orthogonalized_descent", lambda v, u, x, r, c: c * x - r * _svd(u)[0] @ _svd(u)[2].T),
    (Spectral(), (3, 2), "is_orthogonalized_descent", lambda v, u, x, r, c: c * x - r * u / np.linalg.norm(u)),
    (Spectral(), (3, 2), "is_orthogonalized_descent", lambda v, u, x, r, c: c * x + r * Nuclear().lmo(u)),
    (Spectral(), (3, 2), "is_orthogonalized_descent", lambda v, u, x, r, c: c * x - r * v),
    (ShapeScaled(Spectral(), "out/in"), (3, 2), "is_orthogonalized_descent", lambda v, u, x, r, c: c * x + 0.9 * r * v),
]


def _svd(u: Any) -> Any:
    return np.linalg.svd(u, full_matrices=False)


@pytest.mark.parametrize(("norm", "shape", "name", "step"), NAMED, ids=range(len(NAMED)))
def test_wrong_special_cases_are_caught(norm, shape, name, step):
    method = with_step(step)(norm, radius=0.5, momentum=0.7, decay=0.3)
    assert failing(method, shape, [LAWS[name]], draws=60) == {name}


@pytest.mark.parametrize(
    "step",
    [
        lambda self, u, x, r, c, xp: c * x + r * self.norm.lmo(u),
        lambda self, u, x, r, c, xp: np.clip(self.regularizer.prox(c * x - r * u, r), c * x - r, c * x + r),
        lambda self, u, x, r, c, xp: c * x,
    ],
    ids=["without the regularizer", "a proximal step, clipped", "no step"],
)
def test_steps_that_do_not_minimize_are_caught(step):
    for regularizer in (Ridge(2.0), Penalty(L1(), 0.5)):
        method = mutant(_step=step)(LInf(), 1.5, 0.7, regularizer=regularizer)
        assert failing(method, 3, [LAWS["step_minimizes"]], draws=100) == {"step_minimizes"}


class Plain(Method):
    """Gradient descent with what is added to x as a multiple of the gradient."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def init(self, x0: Any) -> State:
        return State(x0, 0 * x0)

    def update(self, state: State, gradient: Any) -> State:
        return State(state.x + self.factor * gradient, gradient, None, state.step + 1)


def test_any_method_has_to_descend():
    assert failing(Plain(-0.1), 3) == set()
    assert failing(Plain(-1e-300), 3) == set()
    assert failing(Plain(0.1), 3) == {"descends_along_gradient"}
    assert failing(Plain(0.0), 3) == {"descends_along_gradient"}


def test_every_law_kills():
    killed = (
        set().union(*(row[2] for row in MUTANTS))
        | {row[2] for row in NAMED}
        | {"step_minimizes", "descends_along_gradient"}
    )
    assert killed == set(LAWS)


# ---- where laws have nothing to say, and exact proofs ----------------------------------------------------------------


def test_laws_say_where_they_do_not_apply():
    def silent(method: Any) -> set[str]:
        return {law.name for law in METHOD_LAWS if law.missing(method) is not None}

    assert silent(MomentumAfterLMO(LInf())) == set(LAWS) - {"counts_steps", "descends_along_gradient"}
    attained, inside = (
        {"step_optimal", "step_minimizes", "is_orthogonalized_descent"},
        {"moves_at_most_radius", "decay_bounds_steps"},
    )
    for solver in (NewtonSchulz(), PolarExpress(6)):
        approximate = TrustRegion(PerLeaf(Spectral(solver)))
        assert attained <= silent(approximate)
        assert not inside & silent(approximate)
        assert LAWS["step_optimal"].missing(approximate).startswith(f"{solver!r} is approximate")
    unscaled = NewtonSchulz(feasible=False)
    assert attained | inside <= silent(TrustRegion(PerLeaf(Spectral(unscaled))))
    assert "may leave the unit ball" in LAWS["moves_at_most_radius"].missing(TrustRegion(Spectral(unscaled)))
    boxed = TrustRegion(LInf(), decay=0.1, regularizer=Box(0.5, 1.0))
    assert LAWS["counts_steps"].missing(boxed) == "decay may move the ball out of the regularizer's domain"
    assert LAWS["decay_bounds_iterates"].missing(TrustRegion(LInf())) == "there is no decay"
    assert LAWS["is_sign_descent"].missing(TrustRegion(L2())) == "the norm is not LInf"
    assert LAWS["is_sign_descent"].missing(TrustRegion(PerLeaf(LInf(), outer=L2()))) == "the norm is not LInf"
    assert LAWS["first_momentum"].missing(TrustRegion(L2(), convention=Convention(start="zero")))


def test_an_approximate_oracle_really_breaks_the_laws_that_are_left_out():
    for solver, name in ((NewtonSchulz(), "step_optimal"), (NewtonSchulz(feasible=False), "moves_at_most_radius")):
        law = dataclasses.replace(LAWS[name], missing=lambda method: None)
        assert failing(TrustRegion(Spectral(solver), 0.5), (3, 2), [law])
    assert not failing(TrustRegion(Spectral(NewtonSchulz()), 0.5), (3, 2), [LAWS["moves_at_most_radius"]])


@pytest.mark.parametrize("settings", [{}, {"decay": 0.1, "extrapolation": True}], ids=["plain", "all"])
def test_exact_proofs_in_two_and_three_dimensions(settings):
    for shape in ((2,), (3,)):
        for law in METHOD_LAWS:
            method = TrustRegion(LInf(), radius=0.5, **settings)
            if law.missing(method) is None:
                # Time enough for a busy machine: what Z3 may do is counted in steps.
                (evidence,) = check(method, law, Settings(shapes=(shape,), timeout=60.0))
                assert evidence.status is Status.PROVED, law.name


@pytest.mark.parametrize("name", ["step_optimal", "is_normalized_descent", "moves_at_most_radius", "next_query"])
def test_exact_proofs_of_normalized_descent(name):
    method = TrustRegion(L2(), radius=0.5, decay=0.1, extrapolation=True)
    (evidence,) = check(method, LAWS[name], Settings(shapes=(2,)))
    assert evidence.status is Status.PROVED


@pytest.mark.parametrize("norm", [L1(), L2(), LInf()], ids=str)
def test_exact_proofs_for_all_settings_at_once(norm):
    # Every η > 0, every μ = t/(1 + t) and β = 1/(1 + s) in (0, 1): not just the numbers of one method.
    eta, t, s = (symbols(name, (), positive=True) for name in ("η", "t", "s"))
    method = TrustRegion(norm, lambda k: eta, lambda k: t / (1 + t), lambda k: 1 / (1 + s), extrapolation=True)
    # Too many quotients, or roots, for Z3; see the next test.
    beyond = {"decay_bounds_iterates", "decay_bounds_steps"} | ({"step_minimizes"} if norm == L2() else set())
    for law in METHOD_LAWS:
        if law.missing(method) is None and law.name not in beyond:
            (evidence,) = check(method, law, Settings(shapes=(2,)))
            assert evidence.status is Status.PROVED, law.name


FOLLOWS = {
    "momentum_accumulates": set(),
    "first_momentum": set(),
    "momentum_before_step": {"lmo_attains"},
    "step_optimal": {"lmo_attains"},
    "moves_at_most_radius": {"lmo_feasible", "homogeneous"},
    "decay_bounds_iterates": {"lmo_feasible", "homogeneous", "subadditive"},
    "decay_bounds_steps": {"lmo_feasible", "homogeneous", "subadditive"},
    "next_query": set(),
    "extrapolation_needs_momentum": set(),
    "counts_steps": set(),
}


@pytest.mark.parametrize("name", FOLLOWS)
def test_in_any_norm_laws_follow_from_the_norms_own(name):
    # The method's own code runs with a norm of which nothing is known but these laws: the spectral norm's case too.
    method = TrustRegion(Opaque("norm", Spectral()), 0.5, 0.9, 0.1, extrapolation=True)
    for shape in ((1, 2), (2, 2)):
        found = prove(method, LAWS[name], as_shape(shape))
        assert found == {f"{law}@norm" for law in FOLLOWS[name]}


def test_what_a_wrong_method_breaks_does_not_follow():
    for make, name in (
        (with_step(lambda v, u, x, r, c: x + r * v), "decay_bounds_iterates"),
        (with_step(lambda v, u, x, r, c: c * (x + r * v)), "step_optimal"),
        (with_step(lambda v, u, x, r, c: c * x + 2 * r * v), "moves_at_most_radius"),
    ):
        method = make(Opaque("norm", L2()), 0.5, 0.9, 0.1)
        assert prove(method, LAWS[name], as_shape((2,))) is None


def test_exact_refutations():
    wrong: list[tuple[Any, Law]] = [
        (with_step(lambda v, u, x, r, c: c * (x + r * v)), LAWS["step_optimal"]),
        (with_next(reaching(lambda kept: kept)), LAWS["next_query"]),
        (with_accumulation(swapped), LAWS["momentum_accumulates"]),
    ]
    for make, law in wrong:
        method = make(LInf(), radius=0.5, momentum=0.75, decay=0.25, extrapolation=True)
        (evidence,) = check(method, law, Settings(shapes=(2,)))
        assert evidence.status is Status.REFUTED
        assert evidence.witness is not None


def test_decimals_mean_what_they_say_in_proofs():
    # 1 − 0.9 is not 0.1 in floating point; a proof about the float would be about a number nobody wrote.
    for momentum in (0.9, 0.95, 0.99, np.float64(0.7)):
        method = TrustRegion(LInf(), radius=0.02, momentum=momentum, extrapolation=True)
        (evidence,) = check(method, LAWS["next_query"], Settings(shapes=(2,)))
        assert evidence.status is Status.PROVED


def test_an_approximate_oracle_is_seen_in_a_product_too():
    norm = Product({"W": Spectral(NewtonSchulz()), "b": LInf()})
    assert "approximate" in next(law for law in METHOD_LAWS if law.name == "step_optimal").missing(TrustRegion(norm))
