"""The exact engine: what is true is proved, what is wrong is refuted at a small rational point."""

import dataclasses
import re

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.laws import EXACT_LAWS
from ntr_spec.verify import Settings, Status, generic
from ntr_spec.verify.exact import check, formulas
from ntr_spec.verify.symbolic import constants
from ntr_spec.verify.symbolic.term import FALSE
from ntr_spec.verify.witnesses import holds, space

LAWS = {law.name: law for law in EXACT_LAWS}
SMALL = Settings(dims=(2,))


def statuses(norm, name, settings=SMALL):
    return {e.status: e for e in check(norm, LAWS[name], settings)}


def refutation(norm, name, settings=SMALL):
    found = statuses(norm, name, settings)
    assert Status.REFUTED in found, found
    witness = found[Status.REFUTED].witness
    assert witness.context == "exact arithmetic"
    return witness


PROVED = [
    (norm, name)
    for norm, names in (
        (
            ntr.L1(),
            "definite homogeneous subadditive lmo_feasible lmo_attains holder bidual rho_holds rho_attained",
        ),
        (ntr.L1(), "projection_feasible projection_optimal absolute symmetric polyhedral"),
        (
            ntr.LInf(),
            "definite homogeneous subadditive lmo_feasible lmo_attains holder bidual rho_holds rho_attained",
        ),
        (ntr.LInf(), "projection_feasible projection_optimal absolute symmetric polyhedral"),
        (
            ntr.L2(),
            "definite homogeneous subadditive lmo_feasible lmo_attains holder bidual rho_holds rho_attained",
        ),
        (ntr.L2(), "projection_feasible projection_optimal absolute symmetric euclidean"),
        (ntr.Lp(3), "definite lmo_attains rho_attained absolute symmetric"),
    )
    for name in names.split()
]


@pytest.mark.parametrize(("norm", "name"), PROVED, ids=lambda v: str(v))
def test_true_laws_are_proved_in_the_plane(norm, name):
    found = statuses(norm, name)
    assert set(found) == {Status.PROVED}
    assert found[Status.PROVED].scope == "R^2"


@pytest.mark.parametrize("name", ["subadditive", "lmo_feasible", "lmo_attains", "holder", "bidual", "rho_holds"])
@pytest.mark.parametrize("norm", [ntr.L1(), ntr.LInf()], ids=str)
def test_polyhedral_norms_are_proved_in_space_too(norm, name):
    found = statuses(norm, name, Settings(dims=(2, 3)))
    assert set(found) == {Status.PROVED}
    assert found[Status.PROVED].scope == "R^2, R^3"


def test_a_shape_that_is_too_hard_leaves_the_smaller_one_proved():
    found = statuses(ntr.Lp(3), "rho_holds", Settings(dims=(2, 3), timeout=4.0))
    assert found[Status.PROVED].scope == "R^2"
    assert found[Status.UNDECIDED].scope == "R^3"
    assert "Z3 gave up on R^3" in found[Status.UNDECIDED].reason


# ---- wrong norms ----------------------------------------


@dataclasses.dataclass(frozen=True)
class Base(ntr.Norm):
    def _value(self, x, xp):
        return xp.max(xp.abs(x))

    def _lmo(self, g, xp):
        return -xp.sign(g)

    @property
    def dual(self):
        return ntr.L1()


class WrongSign(Base):
    def _lmo(self, g, xp):
        return xp.sign(g)


class WrongDual(Base):
    @property
    def dual(self):
        return ntr.L2()


class NotFeasible(Base):
    def _lmo(self, g, xp):
        return -1.5 * xp.sign(g)


class WrongOnTies(Base):
    def _lmo(self, g, xp):
        size = xp.abs(g)
        return -xp.sign(g) * xp.where(size[0] == size[1], xp.asarray(0.5), xp.asarray(1.0))


class WrongAtZero(Base):
    def _lmo(self, g, xp):
        return xp.where(g == 0, -2 * xp.ones_like(g), -xp.sign(g))


class DividesByZero(Base):
    def _lmo(self, g, xp):
        return -g / xp.abs(g)


class RootOfNegative(Base):
    def _value(self, x, xp):
        return xp.max(xp.abs(x)) + 0 * xp.sqrt(x[0])


class WrongFromThree(Base):
    def _value(self, x, xp):
        return xp.max(xp.abs(x[:2]))


class NotHomogeneous(Base):
    def _value(self, x, xp):
        return xp.max(xp.abs(x)) + xp.sum(x * x)


class NotSubadditive(Base):
    def _value(self, x, xp):
        return xp.sum(xp.sqrt(xp.abs(x))) ** 2


class BeyondSmallPoints(Base):
    """Fails only where x₁ > 100, which no small point reaches: Z3 must find it."""

    def _value(self, x, xp):
        size = xp.max(xp.abs(x))
        return xp.where(x[0] > 100, size + 1, size)


class WrongRho(Base):
    def _rho(self, shape, xp):
        return xp.asarray(1.0)


class LargeRho(Base):
    def _rho(self, shape, xp):
        return xp.asarray(float(shape.size))


class WrongProjection(Base):
    def _project(self, x, radius, xp):
        return x * xp.minimum(xp.asarray(1.0), radius / xp.maximum(xp.max(xp.abs(x)), radius))


@pytest.mark.parametrize(
    ("norm", "name", "inputs", "relation"),
    [
        (WrongSign(), "lmo_attains", {"g": "[1, 0]"}, "1 == -1"),
        (WrongDual(), "lmo_attains", {"g": "[1, 1]"}, "-2 == -sqrt(2)"),
        (WrongDual(), "holder", {"g": "[1, 1]", "x": "[1, 1]"}, "2 <= sqrt(2)"),
        (NotFeasible(), "lmo_feasible", {"g": "[1, 0]"}, "3/2 <= 1"),
        (WrongOnTies(), "lmo_attains", {"g": "[1, 1]"}, "-1 == -2"),
        (WrongAtZero(), "lmo_feasible", {"g": "[0, 0]"}, "2 <= 1"),
        (NotHomogeneous(), "homogeneous", None, None),
        (NotSubadditive(), "subadditive", {"x": "[1, 0]", "y": "[0, 1]"}, "4 <= 2"),
        (BeyondSmallPoints(), "homogeneous", None, None),
        (WrongRho(), "rho_holds", {"x": "[1, 1]"}, "2 <= sqrt(2)"),
        (WrongProjection(), "projection_optimal", None, None),
    ],
    ids=lambda v: type(v).__name__ if isinstance(v, ntr.Norm) else None,
)
def test_wrong_norms_are_refuted_at_points_to_check_on_paper(norm, name, inputs, relation):
    witness = refutation(norm, name)
    if inputs is not None:
        assert dict(witness.inputs) == inputs
        assert witness.relation == relation
    assert re.fullmatch(r"[-\[\], 0-9/]+", "".join(witness.inputs.values()))
    assert set(witness.points) == set(witness.inputs)


def test_a_refutation_that_only_z3_finds_says_so():
    (evidence,) = check(BeyondSmallPoints(), LAWS["homogeneous"], SMALL)
    assert evidence.engine == "smt"
    (evidence,) = check(WrongSign(), LAWS["lmo_attains"], SMALL)
    assert evidence.engine == "symbolic"


def test_division_by_zero_is_refuted_where_it_happens_and_nothing_is_proved():
    witness = refutation(DividesByZero(), "lmo_feasible")
    assert witness.inputs["g"] in ("[0, 0]", "[1, 0]")
    assert "division by zero" in witness.note
    assert "undefined" in witness.relation


def test_the_root_of_a_negative_number_is_refuted():
    assert "negative" in refutation(RootOfNegative(), "subadditive").note


def test_wrong_in_space_only_is_proved_in_the_plane_and_refuted_in_space():
    found = statuses(WrongFromThree(), "definite", Settings(dims=(2, 3)))
    assert found[Status.PROVED].scope == "R^2"
    assert found[Status.REFUTED].scope == "R^3"
    assert found[Status.REFUTED].witness.inputs == {"x": "[0, 0, 1]"}


def test_a_rho_that_is_too_large_is_left_open():
    found = statuses(LargeRho(), "rho_attained")
    assert set(found) == {Status.UNDECIDED}
    assert Status.PROVED in statuses(LargeRho(), "rho_holds")


class RhoOutsideTheBall(Base):
    """Twice the LMO of ‖·‖₂ and twice its ρ: a point as long as that ρ is found, but not in the ball."""

    def _value(self, x, xp):
        return xp.sqrt(xp.sum(x * x))

    def _lmo(self, g, xp):
        return 2 * ntr.L2()._lmo(g, xp)

    def _rho(self, shape, xp):
        return xp.asarray(2.0)


def test_rho_is_not_attained_outside_the_ball():
    assert Status.PROVED not in statuses(RhoOutsideTheBall(), "rho_attained")
    assert generic.check(RhoOutsideTheBall(), LAWS["rho_attained"], SMALL) == ()


# ---- no false alarms ----------------------------------------


class TinyGuard(Base):
    """Correct in floating point; exactly, finfo has nothing between 0 and the positive numbers."""

    def _lmo(self, g, xp):
        size = xp.sqrt(xp.sum(g * g))
        return -g / xp.maximum(size, xp.asarray(xp.finfo(g.dtype).smallest_normal))

    def _value(self, x, xp):
        return xp.sqrt(xp.sum(x * x))

    @property
    def dual(self):
        return ntr.L2()


class RoundedConstant(Base):
    """√2 computed in floating point is a rational number near it: wrong by 10⁻¹⁶, which is rounding and no mistake."""

    def _value(self, x, xp):
        return xp.max(xp.abs(x)) * 2**0.5

    def _lmo(self, g, xp):
        return -xp.sign(g) / xp.sqrt(xp.asarray(2.0))


@pytest.mark.parametrize("norm", [TinyGuard(), RoundedConstant()], ids=lambda n: type(n).__name__)
def test_what_only_exact_arithmetic_minds_is_undecided(norm):
    found = statuses(norm, "lmo_feasible")
    assert set(found) == {Status.UNDECIDED} or set(found) == {Status.PROVED}
    if isinstance(norm, TinyGuard):
        assert "floating point is not" in found[Status.UNDECIDED].reason


class Branches(Base):
    def _lmo(self, g, xp):
        return -g if float(xp.max(g)) > 0 else g


class Raises(Base):
    def _lmo(self, g, xp):
        raise ValueError("boom")


class Vector(Base):
    def _value(self, x, xp):
        return xp.abs(x)


@pytest.mark.parametrize(
    ("norm", "word"),
    [(Branches(), "xp.where"), (Raises(), "hook raised ValueError: boom"), (Vector(), "not one number")],
)
def test_what_cannot_be_traced_is_undecided_once_with_the_reason(norm, word):
    evidence = check(norm, LAWS["lmo_feasible"], Settings(dims=(2, 3)))
    assert [e.status for e in evidence] == [Status.UNDECIDED]
    assert word in evidence[0].reason
    assert evidence[0].scope == "R^2, R^3"


# ---- claims ----------------------------------------


def test_a_euclidean_ball_is_not_polyhedral():
    witness = refutation(ntr.L2(), "polyhedral")
    assert "d²/dt²" in witness.relation


def test_a_polyhedral_ball_is_not_strictly_convex():
    witness = refutation(ntr.LInf(), "strictly_convex")
    assert witness.relation == "2 < 2"


class Notched(Base):
    """Has one pair of flat sides, five degrees wide."""

    def _value(self, x, xp):
        return xp.maximum(xp.sqrt(xp.sum(x * x)), xp.abs(x[0]) * 1.001)


def test_no_flat_side_is_too_narrow_for_exact_arithmetic():
    points = constants(np.array([100, 0])), constants(np.array([100, 1]))
    (relation,) = LAWS["strictly_convex"].relation(Notched(), *points)
    assert holds(relation) is FALSE


def test_pytrees_of_shapes():
    settings = Settings(shapes=({"a": 2, "b": 1},))
    norm = ntr.Product({"a": ntr.LInf(), "b": ntr.LInf()})
    evidence = check(norm, LAWS["subadditive"], settings)
    assert [(e.status, e.scope) for e in evidence] == [(Status.PROVED, "{a: R^2, b: R^1}")]
    broken = ntr.Product({"a": WrongDual(), "b": ntr.LInf()})
    witness = refutation(broken, "holder", settings)
    assert "'a'" in witness.inputs["g"]


def test_scopes_in_words():
    from ntr_spec.trees import as_shape

    assert space(as_shape((2, 3))) == "R^{2×3}"


def test_formulas_read_like_the_definition():
    found = formulas(ntr.LInf(), 2)
    assert str(found["value"]) == "Max(Abs(x1), Abs(x2))"
    assert str(found["dual"]) == "Abs(g1) + Abs(g2)"
    assert str(found["lmo"]) == "[-sign(g1), -sign(g2)]"


def test_formulas_leave_out_what_cannot_be_traced():
    assert formulas(ntr.Spectral(), (2, 2)) == {}
