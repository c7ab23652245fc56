import ast
import dataclasses
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ntr_spec.norms as catalogue
from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS
from ntr_spec.norms import L1, L2, LInf, Lp, Norm
from ntr_spec.testing.strategies import norms
from ntr_spec.trees import Shape, shapes
from ntr_spec.verify import Settings, Status
from ntr_spec.verify.backends import backend
from ntr_spec.verify.drawing import Recipe, draw, point, styles
from ntr_spec.verify.judging import Case, Failure, judge, literal
from ntr_spec.verify.property import check

LAWS = {law.name: law for law in EXACT_LAWS + FLOAT_LAWS}
QUICK = Settings(max_examples=40)
GOOD = (L1(), L2(), LInf(), Lp(3))


def applicable(norm):
    return [law for law in LAWS.values() if law.missing(norm) is None]


def refuted(norm, name, settings=QUICK):
    (evidence,) = check(norm, LAWS[name], settings)
    assert evidence.status is Status.REFUTED, evidence
    return evidence.witness


# ---- right norms ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", GOOD, ids=str)
def test_right_norms_pass_every_law(norm):
    for law in applicable(norm):
        (evidence,) = check(norm, law, QUICK)
        # An iterative projection has no symbolic face; what else has one was compared all the same.
        partly = law.name == "faces_agree" and "no exact meaning" in evidence.reason
        assert evidence.status is Status.TESTED or partly, evidence
        assert evidence.engine == "property"
        assert evidence.law == law.name
        assert partly or "examples" in evidence.scope


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_right_norms_pass_on_other_backends(library):
    pytest.importorskip(library)
    few = Settings(max_examples=3, shapes=(2,), backends=(library,), timeout=60.0)
    for norm in (L2(),):
        for law in applicable(norm):
            (evidence,) = check(norm, law, few)
            wanted = Status.SKIPPED if _cannot_tell(law, library) else Status.TESTED
            assert evidence.status is wanted, evidence


def _cannot_tell(law, library):
    only = getattr(law, "backends", None)
    return (only is not None and library not in only) or (
        library == "jax" and law.name in ("polyhedral", "strictly_convex")
    )


@settings(max_examples=4, deadline=None)
@given(norms(max_depth=3), st.integers(0, 10**6))
def test_no_combination_of_right_norms_gets_an_alarm(norm, seed):
    for law in applicable(norm):
        if law.name != "faces_agree":  # slow; has its own test
            (evidence,) = check(norm, law, Settings(max_examples=4, seed=seed))
            assert evidence.status is not Status.REFUTED, (norm, evidence)


# ---- wrong norms -----------------------------------------------------------------------------------------------


class Right(Norm):
    """The largest entry; mutants override a hook."""

    def _value(self, x: Any, xp: Any) -> Any:
        return xp.max(xp.abs(x))

    def _lmo(self, g: Any, xp: Any) -> Any:
        return -xp.sign(g)

    @property
    def dual(self) -> Norm:
        return L1()


def mutant(**members: Any) -> Norm:
    return dataclasses.dataclass(frozen=True)(type("Mutant", (Right,), members))()


def only_sign_flipped(self: Any, g: Any, xp: Any) -> Any:
    return xp.sign(g)


WRONG = {
    "seminorm": (mutant(_value=lambda self, x, xp: xp.max(x) - xp.min(x)), "definite"),
    "squared": (mutant(_value=lambda self, x, xp: xp.sum(x * x), scale_free=True), "homogeneous"),
    "concave": (mutant(_value=lambda self, x, xp: xp.sum(xp.sqrt(xp.abs(x))) ** 2), "subadditive"),
    "sign flipped": (mutant(_lmo=only_sign_flipped), "lmo_attains"),
    "too long": (mutant(_lmo=lambda self, g, xp: -1.01 * xp.sign(g)), "lmo_feasible"),
    "too short": (mutant(_lmo=lambda self, g, xp: -0.99 * xp.sign(g)), "lmo_attains"),
    "dual too small": (mutant(dual=property(lambda self: L2())), "holder"),
    "dual of another": (mutant(dual=property(lambda self: LInf())), "bidual"),
    "rho too small": (mutant(_rho=lambda self, shape, xp: xp.asarray(1.0)), "rho_holds"),
    "projection radial": (
        mutant(_project=lambda self, x, r, xp: x * xp.minimum(r / xp.maximum(xp.max(xp.abs(x)), r), xp.ones_like(r))),
        "projection_optimal",
    ),
    "projection forgets": (mutant(_project=lambda self, x, r, xp: x), "projection_feasible"),
    "ties only": (
        mutant(_value=lambda self, x, xp: xp.sum(xp.where(xp.abs(x) == xp.max(xp.abs(x)), xp.abs(x), 0 * x))),
        "subadditive",
    ),
    "large n only": (
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) if g.shape[0] < 5 else xp.zeros_like(g)),
        "lmo_attains",
    ),
    "float32 only": (
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) * (0.99 if g.dtype == xp.float32 else 1.0)),
        "lmo_attains",
    ),
}  # fmt: skip


def test_a_search_in_vain_is_undecided_not_refuted():
    too_large = mutant(_rho=lambda self, shape, xp: xp.asarray(1.0 * shape.size))
    (evidence,) = check(too_large, LAWS["rho_attained"], Settings())
    assert evidence.status is Status.UNDECIDED
    assert "a search found no point that attains it; the nearest gives 2 <= 1.4142" in evidence.reason


@pytest.mark.parametrize("name", WRONG)
def test_wrong_norms_are_refuted_by_the_named_law(name):
    norm, law = WRONG[name]
    witness = refuted(norm, law, Settings())
    # The witness can be typed back in, and fails again.
    values = {key: ast.literal_eval(text) for key, text in witness.inputs.items()}
    values = {key: v if isinstance(v, float) else np.array(v) for key, v in values.items()}
    library, dtype = witness.context.split(",")[0].split(" ")
    found = judge(norm, LAWS[law], Case(values, backend(library), dtype))
    assert isinstance(found, Failure)
    assert found.relation == witness.relation


def test_witnesses_are_small():
    assert refuted(mutant(_lmo=only_sign_flipped), "lmo_attains").inputs == {"g": "[1.0]"}
    assert refuted(WRONG["dual of another"][0], "bidual").inputs == {"x": "[1.0, 1.0]"}
    inputs = refuted(WRONG["concave"][0], "subadditive").inputs
    assert {inputs["x"], inputs["y"]} == {"[0.0, 1.0]", "[1.0, 0.0]"}
    assert refuted(WRONG["large n only"][0], "lmo_attains").points["g"].count(0.0) == 4


def test_a_float32_witness_prints_what_float32_needs():
    witness = refuted(WRONG["float32 only"][0], "lmo_attains")
    assert witness.context == "numpy float32, shape (1,)"
    assert literal(np.array([0.1]), "float32") == "[0.1]"


def test_shapes_asked_for_are_kept():
    witness = refuted(mutant(_lmo=only_sign_flipped), "lmo_attains", Settings(shapes=((4,),), max_examples=20))
    assert shapes(np.array(witness.points["g"])) == Shape((4,))


@dataclasses.dataclass(frozen=True)
class WrongClaims(Right):
    claim: Any = None

    @property
    def claims(self):
        return frozenset({self.claim})


def test_wrong_claims_are_refuted():
    claim = catalogue.Claim
    for wrong, law in ((claim.STRICTLY_CONVEX, "strictly_convex"), (claim.EUCLIDEAN, "euclidean")):
        refuted(WrongClaims(wrong), law)
    flat = mutant(_value=L2._value, event_rank=1, claims=frozenset({claim.POLYHEDRAL}))
    refuted(flat, "polyhedral")


# ---- hooks that misbehave ----------------------------------------------------------------------------------------


def boom(self: Any, *args: Any) -> Any:
    raise ValueError("not yet\nsecond line")


MISBEHAVING = {
    "raises": (mutant(_lmo=boom), "lmo_attains", "ValueError: not yet"),
    "nothing": (mutant(_lmo=lambda self, g, xp: None), "lmo_attains", "_lmo returned None; return an array"),
    "number": (
        mutant(_value=lambda self, x, xp: 1.0),
        "definite",
        "_value returned a float; return a 0-d array",
    ),
    "axis kept": (
        mutant(_value=lambda self, x, xp: xp.abs(x)[:1]),
        "homogeneous",
        "returned shape (1,) where ()",
    ),
    "scalar step": (mutant(_lmo=lambda self, g, xp: -xp.sum(g)), "lmo_feasible", "returned shape () where"),
    "tree": (mutant(_lmo=lambda self, g, xp: (g,)), "lmo_feasible", "returned a tuple for a ndarray"),
    "NaN": (mutant(_value=lambda self, x, xp: xp.max(x / x)), "homogeneous", "NaN at a finite input"),
    "dual raises": (mutant(dual=property(boom)), "holder", "ValueError: not yet"),
    "shapes raise": (mutant(_shapes=boom), "definite", "ValueError: not yet"),
}


@pytest.mark.parametrize("name", MISBEHAVING)
def test_misbehaving_hooks_become_one_clear_sentence(name):
    norm, law, sentence = MISBEHAVING[name]
    note = refuted(norm, law).note
    assert sentence in note
    assert "\n" not in note


APPLICABLE = ("definite", "lmo_feasible", "lmo_attains", "holder", "silent", "deterministic", "input_unchanged",
              "no_host_sync", "nan_propagates", "zero_to_zero", "value_no_overflow", "faces_agree")  # fmt: skip


def test_an_exception_of_a_hook_reads_the_same_under_every_law():
    witnesses = [refuted(mutant(_value=boom, _lmo=boom), law) for law in APPLICABLE if law != "lmo_attains"]
    notes = {witness.note.replace("._lmo", "._value") for witness in witnesses}
    line = boom.__code__.co_firstlineno + 1
    assert notes == {f"Mutant._value raised ValueError: not yet (test_property.py, line {line}); mend the hook"}


def test_nonsense_from_a_hook_reads_the_same_under_every_law():
    norm = mutant(_lmo=lambda self, g, xp: None, dual=Norm.dual)
    notes = {refuted(norm, law).note for law in APPLICABLE if law != "definite"}
    assert notes == {"Mutant._lmo returned None; return an array of the input's shape computed with xp"}


def test_a_float_law_shows_the_input_at_which_it_fails():
    def compares(self, g, xp):
        return xp.where(xp.abs(g) > 0, -xp.sign(g), xp.zeros_like(g))

    witness = refuted(mutant(_lmo=compares, dual=Norm.dual), "nan_propagates")
    assert witness.inputs == {"x": "[nan]"}
    assert np.isnan(witness.points["x"]).all()
    assert "xp.where(size == 0, 0, …)" in witness.note

    def picky(self, g, xp):
        if float(xp.sum(g)) == 0:
            raise ZeroDivisionError("zero")
        return -xp.sign(g)

    assert refuted(mutant(_lmo=picky), "zero_to_zero").inputs == {"x": "[0.0]"}
    scaled = refuted(mutant(_value=lambda self, x, xp: xp.sqrt(xp.sum(x * x)), scale_free=True), "value_no_overflow")
    size = abs(float(scaled.inputs["x"].strip("[]")))
    assert size < 1e-300 or size > 1e300  # the multiple that failed, not the point that was drawn


def test_prints_and_warnings_of_hooks_stay_inside(capsys):
    def loud(self, x, xp):
        import warnings

        print("here")
        warnings.warn("there", stacklevel=1)
        return xp.max(xp.abs(x))

    (evidence,) = check(mutant(_value=loud), LAWS["definite"], QUICK)
    assert evidence.status is Status.TESTED
    assert capsys.readouterr() == ("", "")


def test_interrupts_pass_through():
    def interrupt(self, x, xp):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(mutant(_value=interrupt), LAWS["definite"], QUICK)


# ---- settings ------------------------------------------------------------------------------------------------


def test_same_seed_same_evidence():
    norm, law = WRONG["dual too small"]
    first, again = (check(norm, LAWS[law], dataclasses.replace(QUICK, seed=3))[0] for _ in range(2))
    assert dataclasses.replace(first, seconds=0.0) == dataclasses.replace(again, seconds=0.0)


def test_budget_is_kept_and_said():
    def slow(self, x, xp):
        import time

        time.sleep(0.02)
        return xp.max(xp.abs(x))

    (evidence,) = check(mutant(_value=slow), LAWS["homogeneous"], Settings(max_examples=1000, timeout=0.5))
    assert evidence.seconds < 1.0
    assert evidence.status is Status.TESTED


def test_laws_that_say_nothing_are_skipped():
    (evidence,) = check(L2(), LAWS["strictly_convex"], Settings(shapes=(1,), max_examples=10))
    assert evidence.status is Status.SKIPPED
    assert "says nothing" in evidence.reason
    (evidence,) = check(L2(), LAWS["no_host_sync"], Settings(backends=("numpy",)))
    assert evidence.status is Status.SKIPPED


# ---- what is drawn -------------------------------------------------------------------------------------------


def test_styles_cover_what_norms_break_on():
    rng = np.random.default_rng(0)
    vectors = [point(Shape((6,)), k, rng) for k in range(styles(Shape((6,)))) for _ in range(10)]
    assert any(not v.any() for v in vectors)
    assert any(len(set(np.abs(v))) == 1 and np.ptp(v) > 0 for v in vectors)
    assert any(np.count_nonzero(v) == 1 for v in vectors)
    assert any(np.abs(v).max() > 1e8 * np.abs(v[v != 0]).min(initial=np.inf) > 0 for v in vectors)
    matrices = [point(Shape((4, 3)), k, rng) for k in range(styles(Shape((4, 3)))) for _ in range(10)]
    spectra = [np.linalg.svd(m, compute_uv=False) for m in matrices]
    assert any(0 < np.linalg.matrix_rank(m) < 3 for m in matrices)
    assert any(np.allclose(s, s[0]) and s[0] > 0 for s in spectra)
    assert any(0 < s[-1] < 1e-8 * s[0] for s in spectra)


def test_draws_are_functions_of_the_recipe():
    law = LAWS["projection_optimal"]
    one, two = (draw(L1(), law.variables, Shape((3,)), Recipe(9, 4)) for _ in range(2))
    assert one["x"].tolist() == two["x"].tolist()
    assert one["r"] == two["r"] > 0


def test_projection_radii_fall_inside_and_outside():
    law = LAWS["projection_optimal"]
    ratios = []
    for seed in range(40):
        values = draw(L1(), law.variables, Shape((3,)), Recipe(1, seed))
        ratios.append(values["r"] / float(L1()(values["x"])))
    assert min(ratios) < 0.9
    assert max(ratios) > 1.1
    assert any(abs(r - 1) < 1e-12 for r in ratios)


class OneShape(Right):
    _size: ClassVar[int] = 3

    def _accepts(self, shape):
        return None if shape == Shape((3,)) else "a vector of 3 entries"

    def _shapes(self, dims):
        return (Shape((3,)),)

    def _lmo(self, g, xp):
        return xp.sign(g)


def test_shrinking_stays_in_the_domain():
    witness = refuted(OneShape(), "lmo_attains")
    assert sorted(witness.points["g"]) == [0.0, 0.0, 1.0]


def test_a_fault_of_the_engine_is_no_alarm(monkeypatch):
    def broken(*args: Any) -> Any:
        raise RuntimeError("drawn wrongly")

    monkeypatch.setattr("ntr_spec.verify.property.draw", broken)
    (evidence,) = check(L1(), LAWS["definite"], QUICK)
    assert evidence.status is Status.UNDECIDED
    assert "drawn wrongly" in evidence.reason
