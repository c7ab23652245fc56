"""The verbs of a norm: validation, defaults, and what a hook may rely on."""

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.laws.certified import approximate
from ntr_spec.trees import Shape, as_shape, tree_map
from ntr_spec.verify.settings import Settings


@dataclass(frozen=True)
class Largest(ntr.Norm):
    """The smallest declaration there is."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)


def test_two_hooks_make_a_norm():
    norm, g = Largest(), np.array([3.0, -4.0])
    assert norm(g) == 4.0
    assert norm.dual(g) == 7.0
    np.testing.assert_array_equal(norm.lmo(g, radius=2.0), [-2.0, 2.0])
    assert norm.dual.dual is norm
    assert str(norm) == "‖x‖_Largest"
    assert str(norm.dual) == "sup{⟨x, v⟩ : ‖v‖_Largest ≤ 1}"
    assert (norm.has_projection, norm.has_rho, norm.has_weighted_rho) == (False, False, False)


def test_what_is_not_declared_says_what_to_declare():
    norm, x = Largest(), np.ones(2)
    with pytest.raises(ntr.NotDeclaredError, match=r"Largest.project: .* define _project\(self, x, radius, xp\)"):
        norm.project(x)
    with pytest.raises(ntr.NotDeclaredError, match=r"Largest.rho: .* define _rho\(self, shape, xp\)"):
        norm.rho(2)
    with pytest.raises(ntr.NotDeclaredError, match=r"override the property `dual` of Largest"):
        norm.dual.lmo(x)
    with pytest.raises(ntr.NotDeclaredError, match=r"no weighted constant is declared"):
        norm._rho_weighted(x, np)


def test_the_support_function_inherits_claims_but_not_strict_convexity():
    @dataclass(frozen=True)
    class Claiming(ntr.Norm):
        def _value(self, x, xp):
            return ntr.Lp(3)._value(x, xp)

        def _lmo(self, g, xp):
            return ntr.Lp(3)._lmo(g, xp)

        @property
        def claims(self):
            return frozenset({ntr.Claim.ABSOLUTE, ntr.Claim.STRICTLY_CONVEX})

    assert ntr.Claim.ABSOLUTE in Claiming().dual.claims
    assert ntr.Claim.STRICTLY_CONVEX not in Claiming().dual.claims


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([1.0, 2.0], ntr.DTypeError, r"L1.norm: expected (an array, got float|.*numpy.asarray)"),
        (3.0, ntr.DTypeError, "L1.norm: expected an array, got float; convert it with numpy.asarray"),
        (
            np.array([1, 2]),
            ntr.DTypeError,
            r"L1.norm: expected a floating array, got int64; cast with x.astype\(float\)",
        ),
        (np.array([True]), ntr.DTypeError, "got bool"),
        (np.array([1j]), ntr.DTypeError, "got complex128; take x.real"),
        (np.array([None]), ntr.DTypeError, "got object; rows of unequal length"),
        (np.zeros((2, 0)), ntr.InputError, r"expected at least one entry, got shape \(2, 0\)"),
        ({"a": np.ones(2)}, ntr.InputError, "an array, not a pytree; combine blocks with Product"),
        ({}, ntr.InputError, "expected at least one block, got an empty dict"),
    ],
)
def test_bad_points_name_subject_fact_and_remedy(bad, error, message):
    with pytest.raises(error, match=message):
        ntr.L1()(bad)
    with pytest.raises(error):
        ntr.L1().lmo(bad)
    with pytest.raises(error):
        ntr.L1().project(bad)


@pytest.mark.parametrize("radius", [-1.0, float("nan"), -1])
def test_radii_are_not_negative(radius):
    for verb in (ntr.L2().lmo, ntr.L2().project):
        with pytest.raises(ntr.InputError, match=r"expected a radius of at least 0"):
            verb(np.ones(2), radius)


def test_radius_zero_and_array_radii():
    x = np.array([3.0, 4.0])
    assert not np.any(ntr.L2().lmo(x, 0.0))
    assert not np.any(ntr.L2().project(x, 0))
    np.testing.assert_allclose(ntr.L2().lmo(x, np.asarray(2.0)), [-1.2, -1.6])
    np.testing.assert_allclose(ntr.L2().project(x, np.asarray(2.0)), [1.2, 1.6])
    np.testing.assert_array_equal(ntr.L2().project(x, np.inf), x)


def test_rho_checks_the_shape():
    with pytest.raises(ntr.InputError, match=r"Spectral.rho: expected a matrix"):
        ntr.Spectral().rho(3)
    assert isinstance(ntr.LInf().rho((2, 2)), float)


CATALOGUE = dict(ntr.catalogue())


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_norm_of_the_catalogue_is_a_value(name):
    norm = CATALOGUE[name]
    assert norm == pickle.loads(pickle.dumps(norm))
    assert hash(norm) == hash(pickle.loads(pickle.dumps(norm)))
    # A dual's LMO is another one, and nobody said how well it is to be solved: solvers do not carry over.
    assert norm.dual.dual == norm if approximate(norm) is None else type(norm.dual.dual) is type(norm)
    assert eval(repr(norm), {**vars(ntr.polar), **vars(ntr)}) == norm
    assert str(norm)
    assert type(norm).__name__ not in str(norm)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_norm_of_the_catalogue_has_shapes_in_its_domain(name):
    norm = CATALOGUE[name]
    for shapes in (Settings().exact_shapes(norm), Settings().test_shapes(norm)):
        assert shapes
        for shape in shapes:
            assert norm._accepts(shape) is None
            x = tree_map(lambda s: np.ones(s.dims), shape)
            assert norm(x) > 0


def test_the_catalogue_holds_every_concrete_norm():
    concrete = {
        value
        for value in vars(ntr).values()
        if isinstance(value, type) and issubclass(value, ntr.Norm) and not value.__abstractmethods__
    }
    assert {type(norm) for norm in CATALOGUE.values()} == concrete - {ntr.SupportFunction}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_norm_documents_itself(name):
    doc = type(CATALOGUE[name]).__doc__
    assert "Dual:" in doc
    assert "LMO:" in doc or name == "Reshaped"
    assert "ρ" in doc
    assert ">>>" in doc


def test_exact_laws_hold_on_random_points_of_the_catalogue():
    from ntr_spec.laws import EXACT_LAWS, Kind, Quantifier

    rng = np.random.default_rng(0)
    compare = {
        "<=": lambda a, b, tol: a <= b + tol,
        "==": lambda a, b, tol: abs(a - b) <= tol,
        "<": lambda a, b, _: a < b,
    }

    def holds(relation):
        left, right = float(relation.lhs), float(relation.rhs)
        if relation.given is not None and not bool(relation.given):
            return True
        scale = 0.0 if relation.scale is None else abs(float(relation.scale))
        return compare[relation.op](left, right, 1e-11 * max(abs(left), abs(right), scale))

    for name, primal in CATALOGUE.items():
        for norm in (primal, primal.dual):
            shape = Settings().test_shapes(norm)[-1]
            for law in EXACT_LAWS:
                if law.missing(norm) is not None:
                    continue
                outcomes = []
                for attempt in range(2 if law.quantifier is Quantifier.FOR_ALL else 30):
                    start = np.ones if law.quantifier is Quantifier.EXISTS and attempt == 0 else rng.standard_normal
                    values = [
                        tree_map(lambda s, start=start: start(s.dims), shape)
                        if kind in (Kind.POINT, Kind.GENERIC)
                        else np.asarray(rng.uniform(0.1, 2.0))
                        for _, kind in law.variables
                    ]
                    if law.quantifier is Quantifier.EXISTS:  # the power iteration needs a start near its limit
                        for _ in range(200):
                            values = [tree_map(np.negative, norm.lmo(values[0]))]
                    outcomes.append(all(holds(r) for r in law.relation(norm, *values)))
                    if law.quantifier is Quantifier.EXISTS and outcomes[-1]:
                        break
                wanted = all(outcomes) if law.quantifier is Quantifier.FOR_ALL else any(outcomes)
                assert wanted, (name, norm, law.name, shape)


def test_shapes_of_users_are_read():
    assert as_shape({"W": (2, 3), "b": 2}) == {"W": Shape((2, 3)), "b": Shape((2,))}


@pytest.mark.parametrize("norm", CATALOGUE.values(), ids=list(CATALOGUE))
def test_repr_is_how_the_norm_is_typed(norm):
    for each in (norm, norm.dual):
        assert eval(repr(each), {**vars(ntr.polar), **vars(ntr)}) == each


def test_repr_leaves_out_defaults():
    assert repr(ntr.Spectral()) == "Spectral()"
    assert repr(ntr.Product({"b": ntr.L2()})) == "Product({'b': L2()})"
    assert repr(ntr.Stacked(ntr.L2(), outer=ntr.L1())) == "Stacked(norm=L2(), outer=L1())"
