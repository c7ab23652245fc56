"""Independent answers by convex programming: values, dual norms and projections, from each norm's textbook definition.

Nothing here calls a hook. A norm is written once as a cvxpy expression; the dual norm is then the solver's maximum of
⟨g, x⟩ over the unit ball, and the distance to a ball its minimum.
"""

from __future__ import annotations

import cvxpy as cp
import numpy as np

import ntr_spec as ntr

PRECISION = 2e-6  # what an interior-point solver reaches


def expression(norm, x):
    """The norm of a cvxpy expression (or of a list of them, one per block)."""
    match norm:
        case ntr.L1():
            return cp.sum(cp.abs(x))
        case ntr.L2() | ntr.Frobenius():
            return cp.norm(_flat(x), 2)
        case ntr.LInf():
            return cp.max(cp.abs(x))
        case ntr.Lp(p):
            return cp.pnorm(_flat(x), p)
        case ntr.TopK(k):
            return cp.sum_largest(cp.abs(_flat(x)), k)
        case ntr.TopKDual(k):
            return cp.maximum(cp.max(cp.abs(x)), cp.sum(cp.abs(x)) / k)
        case ntr.OWL(w):
            steps = w.host - np.append(w.host[1:], 0.0)
            return sum(d * cp.sum_largest(cp.abs(x), k + 1) for k, d in enumerate(steps))
        case ntr.OWLDual(w):
            totals = np.cumsum(w.host)
            return cp.maximum(*(cp.sum_largest(cp.abs(x), k + 1) / t for k, t in enumerate(totals)))
        case ntr.Ellipsoidal(P, inverse):
            root = np.linalg.cholesky(np.linalg.inv(P.host) if inverse else P.host)
            return cp.norm(root.T @ x, 2)
        case ntr.Spectral():
            return cp.sigma_max(x)
        case ntr.Nuclear():
            return cp.normNuc(x)
        case ntr.RMSOperator():
            return np.sqrt(x.shape[1] / x.shape[0]) * cp.sigma_max(x)
        case ntr.RMSOperatorDual():
            return np.sqrt(x.shape[0] / x.shape[1]) * cp.normNuc(x)
        case ntr.SingularValueNorm(ntr.TopKDual(k)):
            return cp.maximum(cp.sigma_max(x), cp.normNuc(x) / k)
        case ntr.KyFan(k):
            return _ky_fan(x, k)
        case ntr.Scaled(inner, c):
            return float(c) * expression(inner, x)
        case ntr.Weighted(inner, w, inverse):
            return expression(inner, cp.multiply(1 / w.host if inverse else w.host, x))
        case ntr.Linear(inner, A, inverse):
            return expression(inner, (np.linalg.inv(A.host).T if inverse else A.host) @ x)
        case ntr.Reshaped(inner, shape):
            return expression(inner, cp.reshape(x, shape, order="C"))
        case ntr.Mixed(outer, inner, axis):
            rows = x if axis % len(x.shape) == 1 else x.T
            return _over(outer, [expression(inner, rows[i, :]) for i in range(rows.shape[0])])
    raise AssertionError(f"no expression for {norm!r}")


def _flat(x):
    return cp.vec(x, order="C") if len(x.shape) > 1 else x


def _over(outer, parts):
    return expression(outer, cp.hstack(parts))


def _ky_fan(x, k):
    """min over splits X = Y + Z of Σσ(Y) + k·σ₁(Z) (Bhatia, proposition IV.2.3)."""
    y = cp.Variable(x.shape)
    return cp.normNuc(y) + k * cp.sigma_max(x - y)


def value(norm, x):
    """‖x‖."""
    point = cp.Variable(x.shape)
    return float(cp.Problem(cp.Minimize(expression(norm, point)), [point == x]).solve(solver=cp.CLARABEL))


def dual_value(norm, g):
    """sup{⟨g, x⟩ : ‖x‖ ≤ 1}."""
    x = cp.Variable(g.shape)
    problem = cp.Problem(cp.Maximize(cp.sum(cp.multiply(g, x))), [expression(norm, x) <= 1])
    return float(problem.solve(solver=cp.CLARABEL))


def distance(norm, x, radius):
    """min ‖y − x‖₂ over ‖y‖ ≤ radius; a feasible point at this distance is the projection."""
    y = cp.Variable(x.shape)
    problem = cp.Problem(cp.Minimize(cp.norm(_flat(y - x), 2)), [expression(norm, y) <= radius])
    return float(problem.solve(solver=cp.CLARABEL))
