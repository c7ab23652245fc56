"""Each float law passes for right norms and can fail: a specially wrong norm for each, and for each way of failing."""

import dataclasses
import itertools
from typing import Any, ClassVar

import numpy as np
import pytest

from ntr_spec.laws import EXACT_LAWS, FLOAT_LAWS
from ntr_spec.norms import L1, L2, LInf, Norm, Spectral
from ntr_spec.verify import Settings, Status
from ntr_spec.verify.backends import backend
from ntr_spec.verify.bench import Bench, forbidden_conversions
from ntr_spec.verify.property import check

LAWS = {law.name: law for law in FLOAT_LAWS}
SETTINGS = Settings(max_examples=30)


@dataclasses.dataclass(frozen=True)
class Right(Norm):
    """The largest entry; mutants override a hook."""

    event_rank: ClassVar[int | None] = 1
    scale_free: ClassVar[bool] = True

    def _value(self, x: Any, xp: Any) -> Any:
        return xp.max(xp.abs(x), axis=-1)

    def _lmo(self, g: Any, xp: Any) -> Any:
        return -xp.sign(g)

    def _project(self, x: Any, radius: Any, xp: Any) -> Any:
        return xp.minimum(xp.maximum(x, -radius), radius)

    @property
    def dual(self) -> Norm:
        return L1()


def mutant(**members: Any) -> Norm:
    return dataclasses.dataclass(frozen=True)(type("Mutant", (Right,), members))()


def changes_gradient(self, g, xp):
    g *= 0.5
    return -xp.sign(g)


def changes_quotient(self, g, xp):
    v = -xp.sign(g)
    g += 1
    return v


def prints(self, x, xp):
    print("debugging")
    return xp.max(xp.abs(x), axis=-1)


CALLS = itertools.count()
WRONG = {
    "lmo_scale_invariant": [
        mutant(_lmo=lambda self, g, xp: -g / (xp.max(xp.abs(g)) + 1e-12)),
        mutant(_lmo=lambda self, g, xp: -g / xp.sqrt(xp.max(g * g))),
        mutant(_lmo=lambda self, g, xp: xp.where(xp.abs(g) < 1e-40, 0 * g, -xp.sign(g))),
        mutant(_lmo=lambda self, g, xp: xp.where(xp.abs(g) > 1e37, -2 * xp.sign(g), -xp.sign(g))),
    ],
    "value_no_overflow": [
        mutant(_value=lambda self, x, xp: xp.sqrt(xp.max(x * x))),
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)) * 3 / 3),
        mutant(dual=property(lambda self: mutant(_value=lambda self, x, xp: xp.sum(xp.abs(x) * 2) / 2))),
    ],
    "nan_propagates": [
        mutant(_value=lambda self, x, xp: xp.max(xp.where(xp.isnan(x), 0 * xp.ones_like(x), xp.abs(x)))),
        mutant(_lmo=lambda self, g, xp: xp.where(g > 0, -xp.ones_like(g), xp.ones_like(g))),
        mutant(_value=lambda self, x, xp: xp.minimum(xp.max(xp.abs(x)), xp.asarray(1e30, dtype=x.dtype))),
    ],
    "zero_to_zero": [
        mutant(_lmo=lambda self, g, xp: xp.where(g > 0, -xp.ones_like(g), xp.ones_like(g))),
        mutant(_lmo=lambda self, g, xp: -g / xp.abs(g)),
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)) + 1e-30),
        mutant(_project=lambda self, x, r, xp: r * xp.sign(x + 1)),
    ],
    "input_unchanged": [
        mutant(_lmo=changes_gradient),
        mutant(_lmo=changes_quotient, scale_free=False),
    ],
    "deterministic": [
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)) + 1e-3 * (next(CALLS) % 2)),
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) * (1 - 1e-3 * np.random.default_rng().random())),
    ],
    "dtype_and_device_kept": [
        mutant(_value=lambda self, x, xp: xp.astype(xp.max(xp.abs(x)), xp.float64)),
        mutant(_lmo=lambda self, g, xp: xp.astype(-xp.sign(g), xp.float64)),
        mutant(_value=lambda self, x, xp: float(xp.max(xp.abs(x)))),
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) * xp.ones(g.shape, dtype=g.dtype)),
    ],
    "no_host_sync": [
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)) if xp.any(x != 0) else xp.sum(x)),
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) * (1.0 if float(xp.sum(g)) > 0 else 1)),
        mutant(_lmo=lambda self, g, xp: xp.asarray(-np.sign(np.asarray(g)), device=g.device)),
    ],
    "silent": [mutant(_value=prints)],
    "batch_consistent": [
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)), batched=True),
        mutant(_lmo=lambda self, g, xp: -xp.sign(xp.flip(xp.flip(g), axis=-1)), batched=True),
        mutant(_project=lambda self, x, r, xp: xp.minimum(xp.maximum(x, -xp.max(r)), xp.max(r)), batched=True),
    ],
    "faces_agree": [
        mutant(_value=lambda self, x, xp: xp.max(xp.abs(x), axis=-1) * (1 if xp.exact else 1.001)),
        mutant(_lmo=lambda self, g, xp: -xp.sign(g) / (2 if xp.exact else 1)),
    ],
}


def test_the_table_is_complete():
    assert set(WRONG) == set(LAWS)
    names = [law.name for law in EXACT_LAWS + FLOAT_LAWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("norm", [Right(), LInf(), Spectral()], ids=repr)
def test_right_norms_pass(name, norm):
    if LAWS[name].missing(norm) is None:
        (evidence,) = check(norm, LAWS[name], SETTINGS)
        assert evidence.status is Status.TESTED, evidence


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, wrong in WRONG.items() for k in range(len(wrong))])
def test_each_law_can_fail(name, k):
    (evidence,) = check(WRONG[name][k], LAWS[name], SETTINGS)
    assert evidence.status is Status.REFUTED, evidence
    assert evidence.witness.relation


def test_batches_are_asked_only_of_norms_that_promise_them():
    assert LAWS["batch_consistent"].missing(L2()) is None
    assert "looped over" in LAWS["batch_consistent"].missing(Right())


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_host_reads_are_seen_on_other_libraries(library):
    pytest.importorskip(library)
    settings = Settings(max_examples=5, shapes=(2,), backends=(library,), timeout=60.0)
    for wrong in WRONG["no_host_sync"][:2]:
        (evidence,) = check(wrong, LAWS["no_host_sync"], settings)
        assert evidence.status is Status.REFUTED
        assert evidence.witness.context.startswith(library)


def test_conversions_work_again_afterwards():
    x = backend("strict").asarray([1.5], "float64")
    with forbidden_conversions(type(x)), pytest.raises(Exception, match="__bool__ was called"):
        bool(x[0] > 0)
    assert float(x[0]) == 1.5


def test_untraceable_hooks_leave_the_faces_undecided():
    loops = mutant(_value=lambda self, x, xp: xp.max(xp.abs(x)) if xp.any(x != 0) else xp.sum(x), scale_free=False)
    branch = mutant(_lmo=lambda self, g, xp: xp.special_function(g) if xp.exact else -xp.sign(g))
    for norm in (branch,):
        (evidence,) = check(norm, LAWS["faces_agree"], SETTINGS)
        assert evidence.status is Status.SKIPPED
        assert evidence.reason
    assert check(loops, LAWS["faces_agree"], SETTINGS)[0].status is not Status.REFUTED


def test_limits_follow_what_the_library_does_to_subnormals():
    assert Bench(backend("numpy"), "float32").smallest == 2.0**-149
    assert Bench(backend("numpy"), "float64").smallest == 2.0**-1074
    pytest.importorskip("jax")
    flushed = backend("jax").flushes_subnormals("float32")
    assert Bench(backend("jax"), "float32").smallest == (2.0**-126 if flushed else 2.0**-149)
