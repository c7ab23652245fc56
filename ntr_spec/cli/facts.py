"""What ``ntr-spec show`` prints: named facts, each of which a user's hook may fail to tell."""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Callable
from typing import Any, cast

from rich.console import Console
from rich.text import Text

from ntr_spec.errors import InputError, NotDeclaredError
from ntr_spec.steps import Regularizer, Zero
from ntr_spec.trees import as_shape, is_container, leaves
from ntr_spec.verify import work
from ntr_spec.verify.work import in_words

Fact = tuple[str, str]

_PATIENCE = 60.0  # seconds for all of what is printed; starting the process takes one or two of them
_LONGEST = 600  # characters that a person may still read; an LMO that sorts has tens of thousands


def print_facts(facts: list[Fact], console: Console) -> None:
    """Names and facts in two columns."""
    width = max(len(name) for name, _ in facts)
    for name, fact in facts:
        console.print(Text.assemble((f"{name:{width}}", "dim"), "  ", fact), soft_wrap=True)


def gathered(ask: Callable[[Any], list[Fact]], subject: Any) -> list[Fact]:
    """The facts that ``ask`` tells of a subject; of a user's own in a process of its own, which can be ended.

    Raises:
        InputError: its hooks do not return, or end their process; or ``ask`` raised it.
    """
    if _is_ours(subject):
        return ask(subject)
    import cloudpickle
    from loky import ProcessPoolExecutor
    from loky.process_executor import BrokenProcessPool

    name = type(subject).__name__
    try:
        blob = cloudpickle.dumps((ask, subject))
    except Exception as error:
        raise InputError(f"{name}: cannot be sent to another process ({in_words(error)}); keep to plain data") from None
    executor = ProcessPoolExecutor(1, timeout=None, initializer=work.start_worker)
    try:
        return cast(list[Fact], executor.submit(_asked, blob).result(timeout=_PATIENCE))
    except concurrent.futures.TimeoutError:
        raise InputError(f"{name}: did not answer within {_PATIENCE:g} s; a hook may not return") from None
    except BrokenProcessPool:
        raise InputError(f"{name}: ended its process; a hook may have called os._exit") from None
    finally:
        executor.shutdown(wait=True, kill_workers=True)


def _asked(blob: bytes) -> list[Fact]:
    import cloudpickle

    ask, subject = cloudpickle.loads(blob)
    return cast(list[Fact], ask(subject))


def _is_ours(value: Any) -> bool:
    """Whether a subject and all that it is made of are the library's own, or plain data."""
    if is_container(value):
        return all(_is_ours(leaf) for leaf in leaves(value))
    home = type(value).__module__.partition(".")[0]
    if home not in ("ntr_spec", "builtins") or (home == "builtins" and callable(value)):
        return False  # a user's class, or function as a schedule
    fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    return all(_is_ours(getattr(value, field.name)) for field in fields)


def said(ask: Callable[[], str]) -> str:
    """What a hook says, or why it says nothing."""
    try:
        return ask()
    except NotDeclaredError:
        return "not declared"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a user's hook, its SystemExit included
        return f"— ({in_words(error)})"


def about(subject: Any) -> list[Fact]:
    """The first line of its class's docstring; a dataclass's generated signature says nothing."""
    doc = (type(subject).__doc__ or "").strip().partition("\n")[0]
    return [("about", doc)] if doc and not doc.startswith(f"{type(subject).__name__}(") else []


def shapes_of(subject: Any) -> list[Any]:
    """A few small shapes of its points."""
    try:
        return [as_shape(shape) for shape in subject._shapes((2, 3))][:4]
    except KeyboardInterrupt:
        raise
    except BaseException:  # a user's hook
        return []


def traced(subject: Any) -> list[Fact]:
    """Its formulas as the exact engine traces them, on the smallest shape that is not trivial."""
    from ntr_spec.verify.formulas import formulas
    from ntr_spec.verify.witnesses import space

    shapes = shapes_of(subject)
    try:
        found = formulas(subject, shapes[0]) if shapes else {}
        where = space(shapes[0]) if shapes else ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a user's hook
        return [("traced", f"— ({in_words(error)})")]
    return [
        (f"{name} on {where}", _short(str(formula)) + (f" on {domain}" if domain else ""))
        for name, formula in found.items()
        for domain in [_domain_of(subject, name)]
    ]


def _domain_of(subject: Any, name: str) -> str:
    """Where a regularizer's value or conjugate is finite, and its formula holds, if that is not everywhere."""
    if not isinstance(subject, Regularizer) or name not in ("value", "conjugate"):
        return ""
    try:
        one, letter = (subject, "R") if name == "value" else (subject.conjugate, "R*")
        return "" if isinstance(one.domain, Zero) else f"dom {letter}"
    except Exception:  # a user's hook
        return ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"too long to print: {len(text)} characters"
