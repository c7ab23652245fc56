"""What can be verified, typed on the command line: ``L1``, ``"Penalty(L1(), 0.1) + Ridge(1)"``, ``muon``, ``logistic``.

The text is parsed, never evaluated: only the library's own constructors and presets, literals, arithmetic on numbers,
sums of regularizers and multiples of schedules are understood.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from ntr_spec.algorithms.schedules import Curve
from ntr_spec.errors import InputError
from ntr_spec.norms.leading import Leading
from ntr_spec.norms.polar import Polar
from ntr_spec.steps.regularizer import Regularizer
from ntr_spec.verify.subjects import KINDS, ONE, is_subject

_ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

_NUMBERS = {"radius", "momentum", "decay", "blend", "lr", "learning_rate", "weight_decay"}
"""Arguments that take a number or a schedule, by the names of methods and presets."""

_SOLVERS: Mapping[str, tuple[type, ...]] = {"polar": (Polar,), "leading": (Leading,)}
"""Arguments that take a solver, by the names of norms and presets."""


def subject_from(text: str) -> Any:
    """The norm, regularizer, method or problem that an expression or a name of the catalogue means.

    Raises:
        InputError: it means none.

    >>> subject_from("Lp(4/3)").dual
    Lp(p=4.0)
    """
    named = {name: subject for kind in reversed(KINDS) for name, subject in kind.catalogue()}
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if isinstance(tree, ast.Name) or tree is None:
        if text.strip() in named:
            return named[text.strip()]
        if tree is None:
            raise InputError(f"{text}: {_no_such(text, named)}")
        tree = ast.Call(func=tree, args=[], keywords=[])
    try:
        found = _read(tree, text)
    except RecursionError:
        raise InputError(f"{text[:40]} …: the expression is nested too deeply; declare it in a file") from None
    if not is_subject(found):
        raise InputError(
            f"{text}: expected a {ONE}, got {type(found).__name__}; write one such as L1 or 'Penalty(L1(), 0.1)'"
        )
    return found


def solver_from(text: str) -> Polar | Leading:
    """The solver that an expression or a name means.

    Raises:
        InputError: it means none.

    >>> solver_from("PolarExpress(steps=7)"), solver_from("Lanczos")
    (PolarExpress(), Lanczos())
    """
    kinds = (Polar, Leading)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"{text}: is no expression; write one such as 'PolarExpress(steps=7)'") from None
    found = _read(ast.Call(tree, [], []) if isinstance(tree, ast.Name) else tree, text, kinds=kinds)
    if not isinstance(found, kinds):
        raise InputError(f"{text}: expected a solver, got {type(found).__name__}; {_solvers(kinds)}")
    return found


def constructors() -> Mapping[str, Callable[..., Any]]:
    """What an expression may call: concrete classes of the library, the solvers and schedules they take, presets."""
    import ntr_spec
    from ntr_spec import steps
    from ntr_spec.algorithms import contrast, convention, presets, schedules, trust_region
    from ntr_spec.norms import leading, polar

    found: dict[str, Callable[..., Any]] = {}
    for module in (schedules, convention, trust_region, contrast, polar, leading, steps, ntr_spec):
        for name, value in vars(module).items():
            if isinstance(value, type) and _is_ours(value) and not inspect.isabstract(value):
                found[name] = value
    found |= {name: getattr(presets, name) for name in presets.__all__ if inspect.isfunction(getattr(presets, name))}
    return found | {"Product": _product}


def _schedules() -> Mapping[str, Callable[..., Any]]:
    """The schedules by name, of which the norm ``Linear`` has one too."""
    from ntr_spec.algorithms import schedules

    return {
        name: value
        for name, value in vars(schedules).items()
        if isinstance(value, type) and issubclass(value, Curve) and not inspect.isabstract(value)
    }


def _is_ours(value: type) -> bool:
    return value.__module__.startswith(("ntr_spec.norms.", "ntr_spec.steps.", "ntr_spec.algorithms."))


def _product(blocks: Any, **options: Any) -> Any:
    """A pytree of regularizers makes a regularizer, anything else a norm."""
    from ntr_spec import norms, steps
    from ntr_spec.trees import leaves

    regularizers = not options and any(isinstance(leaf, Regularizer) for leaf in leaves(blocks))
    return steps.Product(blocks) if regularizers else norms.Product(blocks, **options)


def _read(node: ast.expr, text: str, number: bool = False, kinds: tuple[type, ...] = ()) -> Any:
    """What an expression means; where a ``number`` is wanted that may change with the step, Linear is the schedule.

    Where a solver of some ``kinds`` is wanted, a name that is not known is answered with theirs.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | bool | None):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        items = [_read(item, text) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Dict) and all(key is not None for key in node.keys):
        return {_read(key, text): _read(value, text) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_number(_read(node.operand, text), node.operand, text)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _combined(node, text, number)
    if isinstance(node, ast.Call) and not any(keyword.arg is None for keyword in node.keywords):
        return _call(node, text, number, kinds)
    raise InputError(
        f"{text}: {ast.unparse(node)!r} is not understood here; only the library's constructors and literals are, "
        "so declare it in a file and name the file"
    )


def _combined(node: ast.BinOp, text: str, number: bool) -> Any:
    left, right = _read(node.left, text, number), _read(node.right, text, number)
    sums = isinstance(node.op, ast.Add) and isinstance(left, Regularizer) and isinstance(right, Regularizer)
    multiple = isinstance(node.op, ast.Mult) and (isinstance(left, Curve) or isinstance(right, Curve))
    if not sums and not multiple:
        _number(left, node.left, text)
        _number(right, node.right, text)
    try:
        return _ARITHMETIC[type(node.op)](left, right)
    except InputError as error:
        raise InputError(f"{text}: {error}") from None
    except (ArithmeticError, TypeError) as error:
        raise InputError(f"{text}: {error}; write a finite number") from None


def _call(node: ast.Call, text: str, number: bool, kinds: tuple[type, ...]) -> Any:
    curves = _schedules()
    known = {**constructors(), **{f"schedules.{name}": curve for name, curve in curves.items()}}
    name = _callee(node.func)
    if name not in known:
        called = name or ast.unparse(node.func)
        hint = f"there is no solver {called}; {_solvers(kinds)}" if kinds else _no_such(called, known)
        raise InputError(f"{text}: {hint}")
    make = curves.get(name, known[name]) if number else known[name]
    within = number or make in curves.values()

    def value(name: str, argument: ast.expr) -> Any:
        return _read(argument, text, within or name in _NUMBERS, _SOLVERS.get(name, ()))

    names = itertools.chain(inspect.signature(make).parameters, itertools.repeat(""))
    arguments = [value(name, argument) for name, argument in zip(names, node.args, strict=False)]
    keywords = {str(keyword.arg): value(str(keyword.arg), keyword.value) for keyword in node.keywords}
    try:
        inspect.signature(make).bind(*arguments, **keywords)
    except TypeError as error:
        wanted = str(inspect.signature(make)).partition(" ->")[0]
        raise InputError(f"{text}: {error}; the arguments are {name}{wanted}") from None
    try:
        return make(*arguments, **keywords)
    except InputError as error:
        raise InputError(f"{text}: {error}") from None
    except Exception as error:
        raise InputError(f"{text}: {type(error).__name__}: {error}; check the arguments of {name}") from None


def _callee(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        home = ast.unparse(node.value).removeprefix("ntr_spec.").removeprefix("ntr.").removeprefix("algorithms.")
        if home == "schedules":
            return f"schedules.{node.attr}"
        if home in ("ntr", "ntr_spec", "presets", "polar", "leading"):
            return node.attr
    return ""


def _number(value: Any, node: ast.expr, text: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{text}: expected a number, got {ast.unparse(node)}")
    return value


def _solvers(kinds: tuple[type, ...]) -> str:
    found = (name for name, make in constructors().items() if isinstance(make, type) and issubclass(make, kinds))
    return f"choose one of {', '.join(sorted(found))}"


def _no_such(name: str, known: Mapping[str, Any]) -> str:
    close = get_close_matches(name, known, 3, 0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "`ntr-spec list` prints the catalogue"
    return f"neither a file nor a {ONE} of the catalogue; {hint}"
