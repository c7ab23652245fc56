"""Schedules: the same numbers for Python integers, NumPy's, and steps that a compiler traces; values that pickle."""

import math
import pickle

import numpy as np
import pytest

import ntr_spec as ntr
from ntr_spec.algorithms.schedules import Constant, Cosine, Linear, Piecewise, Polynomial, Times, Warmup
from ntr_spec.verify.symbolic import symbols

# Each beside its formula, written out.
CURVES = [
    (Constant(0.3), lambda k: 0.3),
    (Linear(1.0, 0.2, 7), lambda k: 1.0 - 0.8 * k / 7 if k < 7 else 0.2),
    (Warmup(0.5, 5), lambda k: 0.5 * (k + 1) / 5 if k < 4 else 0.5),
    (Cosine(0.02, 0.001, 9), lambda k: 0.001 + 0.019 * (1 + math.cos(math.pi * min(k, 9) / 9)) / 2),
    (Polynomial(2.0, -0.5, 4.0), lambda k: 2.0 / math.sqrt(1 + k / 4)),
    (Polynomial(2.0, -1.0), lambda k: 2.0 / (1 + k)),
    (0.1 * Warmup(1.0, 5) * Linear(1.0, 0.0, 20), lambda k: 0.1 * min((k + 1) / 5, 1) * max(1 - k / 20, 0)),
    (
        Piecewise(((0, Warmup(1.0, 4)), (4, 1), (6, Polynomial(1.0, -0.5)))),
        lambda k: (k + 1) / 4 if k < 4 else 1.0 if k < 6 else 1 / math.sqrt(1 + k - 6),
    ),
]
STEPS = range(25)


@pytest.mark.parametrize(("curve", "formula"), CURVES, ids=range(len(CURVES)))
def test_formulas(curve, formula):
    for k in STEPS:
        np.testing.assert_allclose(curve(k), formula(k), rtol=1e-14, atol=1e-16)
        assert isinstance(curve(k), float)
        assert curve(np.int64(k)) == curve(k)


@pytest.mark.parametrize(("curve", "formula"), CURVES, ids=range(len(CURVES)))
def test_traced_and_compiled(curve, formula):
    import jax
    import torch

    compiled = jax.jit(curve)
    for k in STEPS:
        np.testing.assert_allclose(float(compiled(k)), formula(k), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(float(curve(torch.tensor(k))), formula(k), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(float(curve(np.array(k))), formula(k), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("curve", "formula"), CURVES, ids=range(len(CURVES)))
def test_values_that_print_compare_and_pickle(curve, formula):
    again = pickle.loads(pickle.dumps(curve))
    assert again == curve
    assert hash(again) == hash(curve)
    assert eval(repr(curve), vars(ntr.algorithms.schedules)) == curve
    with pytest.raises(AttributeError):
        curve.value = 1.0


def test_symbolic_steps():
    k = symbols("k", (), positive=True)
    expression = Linear(1.0, 0.0, 4)(k).expressions[()]
    assert [float(expression.subs(dict.fromkeys(expression.free_symbols, n))) for n in (1, 4, 9)] == [0.75, 0.0, 0.0]


def test_products():
    assert Constant(2.0) * 3 == 3 * Constant(2.0) == Times(Constant(2.0), Constant(3.0))
    assert (Constant(2.0) * (lambda k: k))(4) == 8.0
    with pytest.raises(TypeError):
        Constant(2.0) * "x"


def test_a_later_piece_is_not_asked_before_its_time():
    # 1/√(k − 6) would be infinite or NaN for a traced step below 6, and NaN·0 is NaN.
    curve = Piecewise(((0, 1.0), (6, lambda k: 1 / (k + 1) ** 0.5)))
    assert np.isfinite(curve(np.array(0)))


NAN = float("nan")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Constant(NAN), "Constant: expected a finite value, got nan"),
        (lambda: Constant("a"), "Constant: expected a finite value"),
        (lambda: Constant(True), "Constant: expected a finite value"),
        (lambda: Linear(0.0, math.inf, 3), "Linear: expected a finite stop"),
        (lambda: Linear(0.0, 1.0, 0), "Linear: expected a whole number of steps of at least 1, got 0"),
        (lambda: Cosine(0.0, 1.0, 2.5), "Cosine: expected a whole number of steps"),
        (lambda: Warmup(1.0, True), "Warmup: expected a whole number of steps"),
        (lambda: Polynomial(1.0, -0.5, 0.0), "Polynomial: expected a scale greater than 0"),
        (lambda: Piecewise(()), "Piecewise: expected first steps"),
        (lambda: Piecewise(((1, 1.0),)), "Piecewise: expected first steps"),
        (lambda: Piecewise(((0, 1.0), (5, 1.0), (5, 2.0))), "Piecewise: expected first steps"),
        (lambda: Piecewise(((0, 1.0), (2.5, 1.0))), "Piecewise: expected first steps"),
        (lambda: Piecewise(((0, "a"),)), "Piecewise: expected pairs"),
        (lambda: Piecewise((1.0,)), "Piecewise: expected pairs"),
    ],
)
def test_bad_arguments(make, words):
    with pytest.raises(ntr.InputError, match=words):
        make()
