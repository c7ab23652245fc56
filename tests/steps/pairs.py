"""Norms and regularizers to pair in the tests of the step, and the same subproblems written for cvxpy."""

from __future__ import annotations

import cvxpy as cp
import numpy as np

import ntr_spec as ntr
from ntr_spec.steps import Ball, Box, Penalty, Ridge, Sum, Zero
from tests.norms.oracle import expression as norm_expression

A = np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 1.5, 0.5, 0.0], [0.0, 0.0, 1.0, -0.5], [0.3, 0.0, 0.0, 1.0]])
P = A @ A.T + np.diag([1.0, 2.0, 0.5, 1.0])
WEIGHTS = np.array([0.5, 1.0, 2.0, 3.0])

VECTOR, MATRIX, STACK = (4,), (3, 2), (2, 2, 2)

NORMS = (
    ("L1", ntr.L1(), VECTOR),
    ("L2", ntr.L2(), VECTOR),
    ("LInf", ntr.LInf(), VECTOR),
    ("Lp", ntr.Lp(3), VECTOR),
    ("TopK", ntr.TopK(2), VECTOR),
    ("TopKDual", ntr.TopKDual(2), VECTOR),
    ("OWL", ntr.OWL([3, 2, 1, 0.5]), VECTOR),
    ("Ellipsoidal", ntr.Ellipsoidal((P + P.T) / 2), VECTOR),
    ("Scaled LInf", ntr.Scaled(ntr.LInf(), 2.5), VECTOR),
    ("Scaled L2", ntr.Scaled(ntr.L2(), 0.5), VECTOR),
    ("Weighted L1", ntr.Weighted(ntr.L1(), WEIGHTS), VECTOR),
    ("Weighted LInf", ntr.Weighted(ntr.LInf(), WEIGHTS), VECTOR),
    ("Weighted L2", ntr.Weighted(ntr.L2(), WEIGHTS), VECTOR),
    ("Linear LInf", ntr.Linear(ntr.LInf(), A), VECTOR),
    ("Linear L2", ntr.Linear(ntr.L2(), A), VECTOR),
    ("Spectral", ntr.Spectral(), MATRIX),
    ("Nuclear", ntr.Nuclear(), MATRIX),
    ("Frobenius", ntr.Frobenius(), MATRIX),
    ("Schatten", ntr.Schatten(3), MATRIX),
    ("KyFan", ntr.KyFan(2), MATRIX),
    ("RMSOperator", ntr.RMSOperator(), MATRIX),
    ("Mixed max", ntr.Mixed(ntr.LInf(), ntr.L2(), axis=1), MATRIX),
    ("Mixed sum", ntr.Mixed(ntr.L1(), ntr.L2(), axis=0), MATRIX),
    ("Mixed L1 of LInf", ntr.Mixed(ntr.L1(), ntr.LInf(), axis=0), MATRIX),
    ("Reshaped", ntr.Reshaped(ntr.Spectral(), (2, -1)), MATRIX),
    ("Stacked", ntr.Stacked(ntr.Spectral()), STACK),
)

BOUNDS = {Box(*bounds): bounds for bounds in ((-0.3, 0.4), (-0.1, None), (0, 1), (-0.1, 0.1))}

REGULARIZERS = (
    ("Zero", Zero()),
    ("l1", Penalty(ntr.L1(), 0.4)),
    ("group", Penalty(ntr.Reshaped(ntr.Mixed(ntr.L1(), ntr.L2(), axis=1), (-1, 2)), 0.5)),
    ("nuclear", Penalty(ntr.Reshaped(ntr.Nuclear(), (-1, 2)), 0.5)),
    ("l2", Penalty(ntr.L2(), 0.6)),
    ("max", Penalty(ntr.LInf(), 0.6)),
    ("l2 ball", Ball(ntr.L2(), 0.9)),
    ("l1 ball", Ball(ntr.L1(), 0.9)),
    ("spectral ball", Ball(ntr.Reshaped(ntr.Spectral(), (-1, 2)), 0.6)),
    ("Ridge", Ridge(0.8)),
    ("Box", Box(-0.3, 0.4)),
    ("positive", Box(-0.1, None)),
    ("elastic net", Penalty(ntr.L1(), 0.4) + Ridge(0.8)),
    ("box and ridge", Box(-0.3, 0.4) + Ridge(0.8)),
)

PAIRS = [
    (f"{first}-{second}", norm, regularizer, shape)
    for first, norm, shape in NORMS
    for second, regularizer in REGULARIZERS
]


def instance(name, shape, center=0.1):
    """m and a centre inside the domain of every regularizer, the same for the same name."""
    rng = np.random.default_rng([ord(letter) for letter in name])
    return rng.standard_normal(shape), center * rng.uniform(-1, 1, shape)


def expression(norm, x, shape):
    """The norm of a cvxpy expression, with the stacks that cvxpy has no axes for as rows."""
    if isinstance(norm, ntr.Stacked):
        count, rows, columns = shape
        slices = (x[k * rows : (k + 1) * rows, :] for k in range(count))
        return cp.maximum(*(expression(norm.norm, one, (rows, columns)) for one in slices))
    return norm_expression(norm, x)


def term(regularizer, x, shape):
    """R as a cvxpy expression to minimise, and constraints."""
    match regularizer:
        case Zero():
            return 0.0, []
        case Penalty(norm, weight):
            return weight * expression(norm, x, shape), []
        case Ball(norm, radius):
            return 0.0, [expression(norm, x, shape) <= radius]
        case Ridge(weight):
            return weight / 2 * cp.sum_squares(x), []
        case Box():
            lower, upper = BOUNDS[regularizer]
            return 0.0, [x >= lower] * (lower is not None) + [x <= upper] * (upper is not None)
        case Sum(inner, weight):
            value, constraints = term(inner, x, shape)
            return value + weight / 2 * cp.sum_squares(x), constraints
    raise AssertionError(f"no expression for {regularizer!r}")


def minimum(norm, m, center, radius, regularizer):
    """The least objective by Clarabel; None where it finds the problem infeasible."""
    shape = m.shape
    flat = shape if len(shape) < 3 else (shape[0] * shape[1], shape[2])
    m, center = np.reshape(m, flat), np.reshape(center, flat)
    x = cp.Variable(flat)
    value, constraints = term(regularizer, x, shape)
    objective = cp.sum(cp.multiply(m, x)) + value
    problem = cp.Problem(cp.Minimize(objective), [expression(norm, x - center, shape) <= radius, *constraints])
    found = float(problem.solve(solver=cp.CLARABEL))
    return None if problem.status.startswith("infeasible") else found


def objective(m, x, regularizer):
    """⟨m, x⟩ + R(x)."""
    return float(np.sum(m * x)) + float(regularizer(x))
