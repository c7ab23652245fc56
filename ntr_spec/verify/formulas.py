"""The formulas of a norm or regularizer as SymPy expressions, read off its hooks."""

from __future__ import annotations

from typing import Any

from ntr_spec.errors import NtrError
from ntr_spec.trees import tree_map
from ntr_spec.verify.subjects import kind_of
from ntr_spec.verify.symbolic import SymbolicArray, symbols, to_sympy


def formulas(subject: Any, shape: Any) -> dict[str, Any]:
    """What the hooks compute at a shape, as expressions or nested lists of them.

    Of a norm ``value``, ``dual`` and ``lmo``; of a regularizer ``value``, ``conjugate`` and ``prox`` (with step t).

    Guards against division by zero are left out, so an LMO reads as it does away from zero. Parts that cannot be
    traced (a singular value decomposition, say) are left out of the result.

    Args:
        subject: any norm or regularizer.
        shape: what :func:`ntr_spec.trees.as_shape` takes.

    >>> import ntr_spec as ntr
    >>> found = formulas(ntr.L2(), 2)
    >>> found["value"], found["lmo"]
    (sqrt(x1**2 + x2**2), [-g1/sqrt(g1**2 + g2**2), -g2/sqrt(g1**2 + g2**2)])
    """
    found = {}
    for name, (argument, function) in kind_of(subject).formulas(subject).items():
        try:
            found[name] = tree_map(_read, function(symbols(argument, shape)))
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
