"""The table of wrong declarations, and which law must refute each: the test of the verifier itself.

Every row is a norm declared as a user would, wrong in one place, with the laws that this breaks. Each of ``kills``
must be REFUTED, with a witness. ``exact`` lists those that the exact engine must refute by itself, with rational
numbers that a person can check on paper. ``also`` are further laws that are false for it, which an engine may or may
not notice. Every other law is true for the norm, so refuting it is a false alarm; and a law in ``kills`` or
``also`` must never be called PROVED or DERIVED where it fails.
"""

from __future__ import annotations

import dataclasses
import enum

import ntr_spec as ntr
from ntr_spec.norms import Norm
from tests.wrong import axioms, compounds, conditions, duality, floats, promises


class Reach(enum.Enum):
    """Where a mutant is wrong, hence who can see it."""

    REALS = "over the reals, in R² or R³"
    LARGE = "over the reals, but only beyond R³: exact engines may prove what they print, never for every n"
    FLOATS = "as a program only: exact engines may prove every law over the reals"


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One wrong declaration.

    Attributes:
        norm: the declaration.
        category: what kind of mistake it is.
        kills: laws that must be REFUTED.
        exact: laws that the exact engine must refute by itself with small rationals.
        also: further laws that do not hold.
        reach: where it is wrong.
        tame: where a law that is false holds all the same, as ``law@space``.
    """

    norm: Norm
    category: str
    kills: frozenset[str]
    exact: frozenset[str]
    also: frozenset[str]
    reach: Reach
    tame: frozenset[str]

    @property
    def name(self) -> str:
        """The norm as it was written, without empty brackets."""
        return repr(self.norm).replace("()", "")

    @property
    def false(self) -> frozenset[str]:
        """Every law that does not hold."""
        return self.kills | self.also


# What a hook that raises, or returns no point or value, breaks: every law that calls it.
_EVERY_VERB = (
    "lmo_scale_invariant nan_propagates zero_to_zero input_unchanged deterministic dtype_and_device_kept no_host_sync "
    "silent faces_agree "
)
_VALUE = _EVERY_VERB + "definite homogeneous subadditive lmo_feasible holder bidual value_no_overflow"
_LMO = _EVERY_VERB + "lmo_feasible lmo_attains"
_LMO_AND_SUPPORT = _LMO + " holder value_no_overflow"


def _row(
    norm: Norm,
    category: str,
    kills: str,
    *,
    exact: str | None = None,
    also: str = "",
    reach: Reach = Reach.REALS,
    tame: str = "",
) -> Mutant:
    """A row of the table; names of laws are separated by spaces, and ``exact`` is ``kills`` unless it is said."""
    if exact is None:
        exact = kills if reach is Reach.REALS else ""
    must, seen, further, spaces = (frozenset(words.split()) for words in (kills, exact, also, tame))
    return Mutant(norm, category, must, seen, further - must, reach, spaces)


_DUALS = (
    _row(duality.DualWeightsInverted(), "wrong dual", "lmo_attains bidual"),
    _row(duality.DualWeightsForgotten(), "wrong dual", "lmo_attains bidual"),
    _row(duality.DualWeightsSquared(), "wrong dual", "lmo_attains holder bidual"),
    _row(duality.DualOfAnotherNorm(), "wrong dual", "lmo_attains holder bidual"),
    _row(duality.DualIsItself(), "wrong dual", "lmo_attains holder bidual"),
    _row(duality.DualExponentNotConjugate(), "wrong dual", "lmo_attains holder bidual", exact=""),
    _row(duality.DualLMOUphill(), "wrong LMO of the dual only", "bidual"),
    _row(duality.DualLMOInfeasible(), "wrong LMO of the dual only", "bidual"),
    _row(compounds.L2(), "impostor", "lmo_feasible bidual"),
    _row(compounds.Lp(), "impostor", "lmo_feasible lmo_attains", exact=""),
    _row(compounds.DerivedFromL1(), "impostor", "lmo_feasible lmo_attains"),
)

_LMOS = (
    _row(duality.SignFlipped(), "sign flip", "lmo_attains"),
    _row(duality.SignFlippedOnLast(), "sign flip", "lmo_attains"),
    _row(duality.SignForgotten(), "sign flip", "lmo_attains"),
    _row(duality.UphillLength(), "sign flip", "lmo_attains"),
    _row(duality.AllSigns(), "infeasible LMO", "lmo_feasible"),
    _row(duality.NotNormalised(), "infeasible LMO", "lmo_feasible lmo_attains", also="lmo_scale_invariant"),
    _row(duality.HalfWay(), "non-attaining LMO", "lmo_attains"),
    _row(duality.HalfWayUnnoticed(), "non-attaining LMO", "holder"),
    _row(duality.NormalisedGradient(), "non-attaining LMO", "lmo_attains"),
    _row(duality.SmallestCoordinate(), "non-attaining LMO", "lmo_attains"),
    _row(duality.StaysAtZero(), "non-attaining LMO", "lmo_attains", also="nan_propagates"),
)

_AXIOMS = (
    _row(axioms.HalfPower(), "not subadditive", "subadditive"),
    _row(axioms.HeavierWhenSmaller(), "not subadditive", "subadditive"),
    _row(axioms.LargestPlusSmallest(), "wrong for n ≥ 3", "subadditive", also="holder", tame="subadditive@R^2"),
    _row(
        axioms.Squared(),
        "not homogeneous",
        "homogeneous subadditive",
        also="holder lmo_scale_invariant value_no_overflow",
    ),
    _row(
        axioms.SquaredUnnoticed(),
        "not homogeneous",
        "homogeneous faces_agree",
        exact="homogeneous",
        also="subadditive lmo_feasible holder bidual value_no_overflow",
    ),
    _row(
        axioms.Offset(),
        "not homogeneous",
        "homogeneous lmo_feasible bidual",
        also="lmo_scale_invariant value_no_overflow zero_to_zero",
    ),
    _row(axioms.Saturating(), "not homogeneous", "homogeneous holder", also="value_no_overflow nan_propagates"),
    # A seminorm cancels without bound, so rounding by itself may refute subadditivity.
    _row(axioms.Range(), "seminorm", "definite holder", also="subadditive"),
    _row(axioms.LastForgotten(), "seminorm", "definite holder", also="nan_propagates"),
    _row(axioms.CheaperDownwards(), "not symmetric", "homogeneous", also="holder"),
    _row(axioms.Signed(), "not symmetric", "definite homogeneous", also="holder"),
)

_CONDITIONS = (
    _row(conditions.EveryTiedCoordinate(), "wrong on ties", "lmo_feasible lmo_attains", also="nan_propagates"),
    _row(conditions.GivesUpOnTies(), "wrong on ties", "lmo_attains", also="nan_propagates"),
    _row(conditions.CountsTies(), "wrong on ties", "subadditive lmo_feasible bidual", also="nan_propagates"),
    _row(conditions.MovesAtZero(), "wrong at zero", "zero_to_zero", also="nan_propagates", reach=Reach.FLOATS),
    _row(conditions.DividesZeroByZero(), "wrong at zero", "zero_to_zero", exact="", also=_LMO),
    _row(conditions.OneAtZero(), "wrong at zero", "homogeneous bidual", also="subadditive zero_to_zero"),
    _row(
        conditions.OnlyTwoCoordinates(), "wrong for n ≥ 3", "lmo_attains", also="nan_propagates", tame="lmo_attains@R^2"
    ),
    _row(conditions.OnlyFourCoordinates(), "wrong for n ≥ 5", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(
        conditions.SmallDimensionsOnly(),
        "wrong for n ≥ 5",
        "homogeneous",
        also="subadditive holder value_no_overflow",
        reach=Reach.LARGE,
    ),
    _row(conditions.TallOnly(), "wrong off the square", "lmo_feasible holder", exact=""),
    _row(
        conditions.LeadingSquare(),
        "wrong off the square",
        "definite holder",
        also="nan_propagates",
        tame="definite@R^{2×2} definite@R^{3×3}",
    ),
    _row(conditions.AxesSwapped(), "wrong on matrices", "lmo_feasible", also="holder"),
    _row(
        conditions.Transposed(),
        "wrong off the square",
        "holder lmo_attains",
        exact="",
        also=_LMO_AND_SUPPORT,
        tame="lmo_attains@R^{2×2} lmo_attains@R^{3×3}",
    ),
)

_PROMISES = (
    _row(promises.RhoTooSmall(), "wrong ρ", "rho_holds"),
    _row(promises.RhoTooLarge(), "wrong ρ", "rho_attained", exact=""),
    _row(promises.RhoOfTheDual(), "wrong ρ", "rho_attained", exact=""),
    _row(
        promises.RhoForTwo(),
        "wrong ρ",
        "rho_holds rho_attained",
        exact="rho_holds",
        tame="rho_holds@R^2 rho_attained@R^2 rho_attained@R^3",
    ),
    _row(promises.ClaimsAbsolute(), "wrong claim", "absolute"),
    _row(promises.ClaimsMonotone(), "wrong claim", "absolute"),
    _row(promises.ClaimsSymmetric(), "wrong claim", "symmetric"),
    _row(promises.ClaimsUnitarilyInvariant(), "wrong claim", "unitarily_invariant"),
    _row(promises.ClaimsPolyhedral(), "wrong claim", "polyhedral", exact=""),
    _row(promises.ClaimsStrictlyConvex(), "wrong claim", "strictly_convex"),
    _row(promises.ClaimsEuclidean(), "wrong claim", "euclidean", also="strictly_convex"),
    _row(promises.ProjectsNowhere(), "wrong projection", "projection_feasible"),
    _row(promises.ProjectsOnTheUnitBall(), "wrong projection", "projection_feasible", also="projection_optimal"),
    _row(promises.ProjectsTooFar(), "wrong projection", "projection_optimal"),
    _row(promises.ProjectsRadially(), "wrong projection", "projection_optimal"),
    _row(promises.ProjectsWithFirstThreshold(), "wrong projection", "projection_feasible"),
    _row(promises.ProjectsOnTheSphere(), "wrong projection", "projection_optimal"),
)

_SCALES = (
    _row(floats.ShortInFloat32(), "float32 only", "lmo_attains", also="faces_agree", reach=Reach.FLOATS),
    _row(
        floats.GuardedDivision(),
        "tiny scale only",
        "lmo_attains lmo_scale_invariant",
        exact="lmo_attains",
        also="value_no_overflow",
    ),
    _row(floats.TinyIsZero(), "tiny scale only", "lmo_scale_invariant", exact="lmo_attains", also="lmo_attains"),
    _row(
        floats.CappedFarOut(),
        "large scale only",
        "value_no_overflow",
        exact="homogeneous",
        also="homogeneous holder bidual nan_propagates",
    ),
    _row(floats.NotScaleFree(), "wrong promise", "value_no_overflow lmo_scale_invariant", reach=Reach.FLOATS),
    _row(floats.NotBatched(), "wrong promise", "batch_consistent", reach=Reach.FLOATS),
)

_MANNERS = (
    _row(floats.OverwritesGradient(), "mutates its input", "input_unchanged", also="faces_agree", reach=Reach.FLOATS),
    _row(
        floats.OverwritesPoint(),
        "mutates its input",
        "input_unchanged",
        also="deterministic faces_agree",
        reach=Reach.FLOATS,
    ),
    _row(floats.BreaksTiesAtRandom(), "random", "deterministic", reach=Reach.FLOATS),
    _row(floats.NoisyValue(), "random", "deterministic", also=_VALUE, reach=Reach.FLOATS),
    _row(floats.DependsOnHistory(), "random", "deterministic", also=_LMO, reach=Reach.FLOATS),
    _row(floats.LeaksToNumPy(), "leaks to NumPy", "no_host_sync", also="dtype_and_device_kept", reach=Reach.FLOATS),
    _row(floats.ValueInNumPy(), "leaks to NumPy", "no_host_sync", also=_VALUE, reach=Reach.FLOATS),
    _row(floats.AsksTheHost(), "syncs with the host", "no_host_sync", reach=Reach.FLOATS),
    _row(floats.BranchesOnArray(), "syncs with the host", "no_host_sync", reach=Reach.FLOATS),
    _row(floats.Prints(), "prints", "silent", reach=Reach.FLOATS),
    _row(floats.ReturnsPythonFloat(), "wrong type", "dtype_and_device_kept", also=_VALUE, reach=Reach.FLOATS),
    _row(floats.AlwaysFloat64(), "wrong type", "dtype_and_device_kept", reach=Reach.FLOATS),
    _row(floats.StepInFloat64(), "wrong type", "dtype_and_device_kept", reach=Reach.FLOATS),
    _row(floats.ValueKeepsAnAxis(), "wrong shape", "definite", also=_VALUE, reach=Reach.FLOATS),
    _row(floats.StepIsAScalar(), "wrong shape", "lmo_attains", also=_LMO, reach=Reach.FLOATS),
    _row(floats.SwallowsNaN(), "swallows NaN", "nan_propagates", reach=Reach.FLOATS),
    _row(floats.StepSwallowsNaN(), "swallows NaN", "nan_propagates", reach=Reach.FLOATS),
    _row(floats.ReturnsNaN(), "returns NaN", "homogeneous", also=_VALUE, reach=Reach.FLOATS),
    _row(floats.Raises(), "raises", "lmo_feasible", also=_LMO, reach=Reach.FLOATS),
    _row(floats.RaisesOnLongVectors(), "raises", "definite", also=_VALUE, reach=Reach.LARGE),
    _row(floats.ForgotReturn(), "wrong type", "lmo_feasible", also=_LMO, reach=Reach.FLOATS),
)

_long = compounds.LongIsWrong()
_COMPOUNDS = (
    _row(_long, "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.Scaled(_long, 2), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.Reshaped(_long, (-1,)), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.Stacked(_long), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(
        ntr.Product({"a": _long, "b": ntr.L2()}),
        "wrong part",
        "lmo_attains",
        also="nan_propagates",
        reach=Reach.LARGE,
    ),
    _row(ntr.Mixed(_long, ntr.L2(), 1), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.Mixed(ntr.LInf(), _long, 1), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.SingularValueNorm(_long), "wrong part", "lmo_attains", also="nan_propagates", reach=Reach.LARGE),
    _row(ntr.Weighted(duality.SignFlipped(), [1, 2, 3]), "wrong part", "lmo_attains"),
    _row(ntr.Linear(duality.SignFlipped(), [[1, 1], [0, 1]]), "wrong part", "lmo_attains"),
    _row(ntr.Scaled(duality.DualWeightsForgotten(), 3), "wrong part", "lmo_attains bidual"),
    _row(ntr.Stacked(duality.AllSigns()), "wrong part", "lmo_feasible"),
    _row(ntr.Product({"u": axioms.HalfPower(), "v": ntr.LInf()}), "wrong part", "subadditive"),
    _row(compounds.Differences(), "wrong claim", "absolute"),
    _row(compounds.GrowingGauge(), "not subadditive", "subadditive bidual"),
    _row(ntr.Mixed(compounds.Differences(), ntr.L2(), 1), "wrong part", "subadditive lmo_feasible"),
    _row(
        ntr.Product({"a": ntr.L2(), "b": ntr.L1()}, outer=compounds.Differences()),
        "wrong part",
        "subadditive lmo_feasible",
    ),
    _row(ntr.SingularValueNorm(compounds.GrowingGauge()), "wrong part", "subadditive bidual", exact=""),
)

MUTANTS = _DUALS + _LMOS + _AXIOMS + _CONDITIONS + _PROMISES + _SCALES + _MANNERS + _COMPOUNDS
