"""The formulas of a norm as SymPy expressions, read off its hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ntr_spec.errors import NtrError
from ntr_spec.norms.base import Norm
from ntr_spec.trees import Tree, tree_map
from ntr_spec.verify.symbolic import SymbolicArray, symbols, to_sympy


def formulas(norm: Norm, shape: Any) -> dict[str, Any]:
    """What the hooks compute at a shape: ``value`` and ``dual`` as expressions, ``lmo`` as nested lists of them.

    Guards against division by zero are left out, so an LMO reads as it does away from zero. Parts that cannot be
    traced (a singular value decomposition, say) are left out of the result.

    Args:
        norm: any norm.
        shape: what :func:`ntr_spec.trees.as_shape` takes.

    >>> import ntr_spec as ntr
    >>> found = formulas(ntr.L2(), 2)
    >>> found["value"], found["lmo"]
    (sqrt(x1**2 + x2**2), [-g1/sqrt(g1**2 + g2**2), -g2/sqrt(g1**2 + g2**2)])
    """
    x, g = symbols("x", shape), symbols("g", shape)
    parts: dict[str, Callable[[], Tree]] = {
        "value": lambda: norm(x),
        "dual": lambda: norm.dual(g),
        "lmo": lambda: norm.lmo(g),
    }
    found = {}
    for name, trace in parts.items():
        try:
            found[name] = tree_map(_read, trace())
        except NtrError:
            continue
    return found


def _read(leaf: SymbolicArray) -> Any:
    entries = [to_sympy(term, away_from_zero=True) for term in leaf.terms.reshape(-1)]
    return _nest(entries, leaf.shape)


def _nest(entries: list[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return entries[0]
    step = len(entries) // shape[0]
    return [_nest(entries[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]
