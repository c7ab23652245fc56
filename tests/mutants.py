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
    """

    norm: Norm
    category: str
    kills: frozenset[str]
    exact: frozenset[str]
    also: frozenset[str]
    reach: Reach

    @property
    def name(self) -> str:
        """The class of the norm."""
        return type(self.norm).__name__

    @property
    def false(self) -> frozenset[str]:
        """Every law that does not hold."""
        return self.kills | self.also


def _row(
    norm: Norm,
    category: str,
    kills: str,
    *,
    exact: str | None = None,
    also: str = "",
    reach: Reach = Reach.REALS,
) -> Mutant:
    """A row of the table; names of laws are separated by spaces, and ``exact`` is ``kills`` unless it is said."""
    if exact is None:
        exact = kills if reach is Reach.REALS else ""
    return Mutant(norm, category, frozenset(kills.split()), frozenset(exact.split()), frozenset(also.split()), reach)


_DUAL = (
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

_LMO = (
    _row(duality.SignFlipped(), "sign flip", "lmo_attains"),
    _row(duality.SignFlippedOnLast(), "sign flip", "lmo_attains"),
    _row(duality.SignForgotten(), "sign flip", "lmo_attains"),
    _row(duality.UphillLength(), "sign flip", "lmo_attains"),
    _row(duality.AllSigns(), "infeasible LMO", "lmo_feasible"),
    _row(duality.NotNormalised(), "infeasible LMO", "lmo_feasible lmo_attains"),
    _row(duality.HalfWay(), "non-attaining LMO", "lmo_attains"),
    _row(duality.HalfWayUnnoticed(), "non-attaining LMO", "holder"),
    _row(duality.NormalisedGradient(), "non-attaining LMO", "lmo_attains"),
    _row(duality.SmallestCoordinate(), "non-attaining LMO", "lmo_attains"),
    _row(duality.StaysAtZero(), "non-attaining LMO", "lmo_attains"),
)

_AXIOMS = (
    _row(axioms.HalfPower(), "not subadditive", "subadditive"),
    _row(axioms.HeavierWhenSmaller(), "not subadditive", "subadditive"),
    _row(axioms.LargestPlusSmallest(), "wrong for n ≥ 3", "subadditive", also="holder"),
    _row(axioms.Squared(), "not homogeneous", "homogeneous subadditive", also="holder"),
    _row(axioms.Offset(), "not homogeneous", "homogeneous lmo_feasible bidual"),
    _row(axioms.Saturating(), "not homogeneous", "homogeneous holder"),
    _row(axioms.Range(), "seminorm", "definite holder"),
    _row(axioms.LastForgotten(), "seminorm", "definite holder"),
    _row(axioms.CheaperDownwards(), "not symmetric", "homogeneous", also="holder"),
    _row(axioms.Signed(), "not symmetric", "definite homogeneous", also="holder"),
)

_CONDITIONS = (
    _row(conditions.EveryTiedCoordinate(), "wrong on ties", "lmo_feasible lmo_attains"),
    _row(conditions.GivesUpOnTies(), "wrong on ties", "lmo_attains"),
    _row(conditions.CountsTies(), "wrong on ties", "subadditive lmo_feasible bidual"),
    _row(conditions.MovesAtZero(), "wrong at zero", "zero", reach=Reach.FLOATS),
    _row(conditions.DividesZeroByZero(), "wrong at zero", "zero", exact="", also="lmo_feasible lmo_attains"),
    _row(conditions.OneAtZero(), "wrong at zero", "homogeneous bidual", also="subadditive zero"),
    _row(conditions.OnlyTwoCoordinates(), "wrong for n ≥ 3", "lmo_attains"),
    _row(conditions.OnlyFourCoordinates(), "wrong for n ≥ 5", "lmo_attains", reach=Reach.LARGE),
    _row(
        conditions.SmallDimensionsOnly(),
        "wrong for n ≥ 5",
        "homogeneous",
        also="subadditive",
        reach=Reach.LARGE,
    ),
    _row(conditions.TallOnly(), "wrong off the square", "lmo_feasible holder", exact=""),
    _row(conditions.LeadingSquare(), "wrong off the square", "definite holder"),
    _row(conditions.AxesSwapped(), "wrong on matrices", "lmo_feasible", also="holder"),
    _row(conditions.Transposed(), "wrong off the square", "holder", also="lmo_feasible lmo_attains"),
)

_PROMISES = (
    _row(promises.RhoTooSmall(), "wrong ρ", "rho_holds"),
    _row(promises.RhoTooLarge(), "wrong ρ", "rho_attained", exact=""),
    _row(promises.RhoOfTheDual(), "wrong ρ", "rho_attained", exact=""),
    _row(promises.RhoForTwo(), "wrong ρ", "rho_holds rho_attained", exact="rho_holds"),
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


_FLOATS = (
    _row(floats.ShortInFloat32(), "float32 only", "lmo_attains", reach=Reach.FLOATS),
    _row(floats.GuardedDivision(), "tiny scale only", "lmo_attains lmo_scale_invariant"),
    _row(floats.TinyIsZero(), "tiny scale only", "lmo_scale_invariant", exact="lmo_attains"),
    _row(
        floats.CappedFarOut(),
        "large scale only",
        "value_at_every_scale",
        exact="homogeneous",
        also="holder bidual",
    ),
    _row(
        floats.NotScaleFree(),
        "promise to the verbs",
        "value_at_every_scale lmo_scale_invariant",
        reach=Reach.FLOATS,
    ),
    _row(floats.NotBatched(), "promise to the verbs", "batched", reach=Reach.FLOATS),
    _row(floats.OverwritesGradient(), "mutates its input", "input_untouched", reach=Reach.FLOATS),
    _row(floats.OverwritesPoint(), "mutates its input", "input_untouched", reach=Reach.FLOATS),
    _row(floats.BreaksTiesAtRandom(), "random", "deterministic", reach=Reach.FLOATS),
    _row(floats.NoisyValue(), "random", "deterministic", reach=Reach.FLOATS),
    _row(floats.DependsOnHistory(), "random", "deterministic", reach=Reach.FLOATS),
    _row(floats.LeaksToNumPy(), "leaks to NumPy", "portable", reach=Reach.FLOATS),
    _row(floats.ValueInNumPy(), "leaks to NumPy", "portable", reach=Reach.FLOATS),
    _row(floats.AsksTheHost(), "syncs with the host", "no_host_sync", reach=Reach.FLOATS),
    _row(floats.BranchesOnArray(), "syncs with the host", "no_host_sync", reach=Reach.FLOATS),
    _row(floats.Prints(), "prints", "silent", reach=Reach.FLOATS),
    _row(floats.ReturnsPythonFloat(), "wrong type", "keeps_dtype", reach=Reach.FLOATS),
    _row(floats.AlwaysFloat64(), "wrong type", "keeps_dtype", reach=Reach.FLOATS),
    _row(floats.StepInFloat64(), "wrong type", "keeps_dtype", reach=Reach.FLOATS),
    _row(floats.ValueKeepsAnAxis(), "wrong shape", "keeps_shape", reach=Reach.FLOATS),
    _row(floats.StepIsAScalar(), "wrong shape", "keeps_shape", reach=Reach.FLOATS),
    _row(floats.SwallowsNaN(), "swallows NaN", "nan_propagates", reach=Reach.FLOATS),
    _row(floats.StepSwallowsNaN(), "swallows NaN", "nan_propagates", reach=Reach.FLOATS),
    _row(floats.ReturnsNaN(), "returns NaN", "homogeneous", reach=Reach.FLOATS),
    _row(floats.Raises(), "raises", "lmo_feasible", reach=Reach.FLOATS),
    _row(floats.RaisesOnLongVectors(), "raises", "definite", reach=Reach.LARGE),
    _row(floats.ForgotReturn(), "wrong type", "lmo_feasible", reach=Reach.FLOATS),
)

MUTANTS = _DUAL + _LMO + _AXIOMS + _CONDITIONS + _PROMISES + _FLOATS
