"""What the checks of float laws are made of: verbs, hooks, exact multiples of a point, comparison bit by bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ntr_spec.algorithms import Method, State, TrustRegion
from ntr_spec.arrays import namespace_of
from ntr_spec.laws.floatlaw import Bench
from ntr_spec.laws.objectives import beside
from ntr_spec.problems.known import Known
from ntr_spec.steps.conjugate import Conjugate
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.steps.simple import Zero
from ntr_spec.trees import Tree, is_container, leaves, tree_map

if TYPE_CHECKING:
    from ntr_spec.norms.base import Norm

Array = Any


def verbs(
    subject: Norm | Regularizer | Method | Known, radius: float = 0.5
) -> list[tuple[str, Callable[[Tree], Tree]]]:
    """What users call, by name; the optional ones only where they are declared. ``radius`` is also a prox's step."""
    found: list[tuple[str, Callable[[Tree], Tree]]]
    if isinstance(subject, Regularizer):
        found = [("R(x)", subject)]
        if subject.has_prox:
            found.append((f"prox(x, {radius})", lambda x: subject.prox(x, radius)))
        if subject.has_subgradient:
            found.append(("subgradient(x)", subject.subgradient))
        if not isinstance(subject.conjugate, Conjugate):
            found.append(("conjugate(x)", subject.conjugate))
        if subject.separable:
            found.append(("box_argmin(x, −|x|, |x|)", lambda x: _box_argmin(subject, x)))
        return found
    if isinstance(subject, Method):
        return [
            ("x₁", lambda x: updated(subject, x, 1).x),
            ("m₁", lambda x: updated(subject, x, 1).momentum),
            ("x₂", lambda x: updated(subject, x, 2).x),
            ("y₂", lambda x: updated(subject, x, 2).query),
        ]
    if isinstance(subject, Known):
        return [
            ("f(x)", lambda x: beside(subject, x).value_and_gradient(x)[0]),
            ("∇f(x)", lambda x: beside(subject, x).value_and_gradient(x)[1]),
            ("∇²f(x)x", lambda x: beside(subject, x).hessian_vector(x, x)),
            ("g(x; 3)", lambda x: beside(subject, x).stochastic(x, 3)[1]),
        ]
    found = [
        ("norm(x)", subject),
        ("dual(x)", subject.dual),
        ("lmo(x)", subject.lmo),
    ]
    if subject.has_projection:
        found.append((f"project(x, {radius})", lambda x: subject.project(x, radius)))
    return found


def updated(method: Method, x: Tree, updates: int) -> State:
    """The state after some updates with the gradient x, starting at x or, where R(x) is infinite, near it."""
    constrained = isinstance(method, TrustRegion) and not isinstance(method.regularizer.domain, Zero)
    state = method.init(method.regularizer.prox(x) if constrained else x)  # type: ignore[attr-defined]
    for _ in range(updates):
        state = method.update(state, x)
    return state


def _box_argmin(regularizer: Regularizer, x: Tree) -> Tree:
    xp = namespace_of(leaves(x)[0])
    upper = tree_map(xp.abs, x)
    point, subgradient = regularizer.box_argmin(x, tree_map(lambda leaf: -leaf, upper), upper)
    return [point, subgradient]


def hooks(subject: Norm | Regularizer | Method | Known) -> list[tuple[str, Callable[[Tree], Tree]]]:
    """The hooks themselves, without the scale normalisation of the verbs, which hides a mutated input."""
    if isinstance(subject, Regularizer | Method | Known):
        return []  # nothing stands between its verbs and its hooks
    norm = subject

    def event(x: Tree) -> Tree:
        return x if is_container(x) or norm.event_rank != 1 else namespace_of(x).reshape(x, (-1,))

    def project(x: Tree) -> Tree:
        leaf = leaves(x)[0]
        xp = namespace_of(leaf)
        return norm._project(event(x), xp.asarray(0.5, dtype=leaf.dtype, device=leaf.device), xp)

    hooks: list[tuple[str, Callable[[Tree], Tree]]] = [
        ("_value(x)", lambda x: norm._value(event(x), namespace_of(leaves(x)[0]))),
        ("_lmo(x)", lambda x: norm._lmo(event(x), namespace_of(leaves(x)[0]))),
    ]
    return [*hooks, ("_project(x, 0.5)", project)] if norm.has_projection else hooks


def entries(x: Tree) -> int:
    """Number of entries over all leaves."""
    return sum(math.prod(leaf.shape) for leaf in leaves(x))


def _top(host: Tree) -> float:
    return max(float(abs(leaf).max()) for leaf in leaves(host))


def _patterns(host: Tree) -> tuple[Tree, Tree] | None:
    """The point in eighths of its largest entry, and with all else dropped: multiples of both can be exact."""
    top = _top(host)
    if top == 0:
        return None
    fine = tree_map(lambda leaf: (leaf / top * 8).round() / 8, host)
    return fine, tree_map(lambda leaf: leaf.round() * (abs(leaf) == 1), fine)


def scaled(bench: Bench, host: Tree) -> list[tuple[float, Tree]]:
    """Pairs (c, s) such that c·s is exact (to one rounding at the very top), from end to end of the range."""
    patterns = _patterns(host)
    if patterns is None:
        return []
    fine, coarse = patterns
    powers = [2.0 ** (k * math.log2(bench.max) // 4) for k in (-3, -2, 2, 3)]
    ends = [(bench.smallest, coarse), (bench.max, coarse), (bench.max, fine)]
    return ends + [(c, fine) for c in (8 * bench.smallest, *powers)]


def times(bench: Bench, c: float, s: Tree) -> Tree:
    """c·s, computed on the host in float64."""
    return bench.asarray(tree_map(lambda leaf: leaf * c, s))


def has_nan(bench: Bench, result: Tree) -> bool:
    """Whether any entry is NaN."""
    return any(bool((leaf != leaf).any()) for leaf in leaves(bench.to_numpy(result)))


def same(bench: Bench, a: Tree, b: Tree) -> bool:
    """Whether two results agree bit by bit."""
    mine, other = leaves(bench.to_numpy(a)), leaves(bench.to_numpy(b))
    return len(mine) == len(other) and all(
        p.shape == q.shape and p.dtype == q.dtype and p.tobytes() == q.tobytes()
        for p, q in zip(mine, other, strict=True)
    )


def text(bench: Bench, result: Tree) -> str:
    """A result as text for a message."""
    host = bench.to_numpy(result)
    return str(tree_map(lambda leaf: leaf.tolist(), host))[:200]
