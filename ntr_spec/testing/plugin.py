"""The pytest plugin: options for the tests that ``parametrize_laws`` makes, a marker to select them, a header line.

Loaded by every pytest run on a machine that has ntr_spec, so it imports nothing that is not needed for a run
without such tests.
"""

from __future__ import annotations

from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--ntr-examples``, ``--ntr-backends`` and ``--ntr-seed``."""
    group = parser.getgroup("ntr_spec", "laws of norms, regularizers, methods and problems (ntr_spec)")
    group.addoption(
        "--ntr-examples", type=_positive, metavar="N", help="drawn examples per law and backend (default 100)"
    )
    group.addoption(
        "--ntr-backends",
        type=_names,
        metavar="NAMES",
        help="array libraries, comma-separated, among numpy strict torch jax cupy (default numpy,strict)",
    )
    group.addoption("--ntr-seed", type=int, metavar="N", help="seed of the drawn examples (default 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse backends that cannot be used."""
    config.addinivalue_line(
        "markers", "ntr_law: a law of a norm, regularizer, method or problem, made by ntr_spec.testing.parametrize_laws"
    )
    chosen = config.getoption("--ntr-backends")
    if chosen is not None:
        from ntr_spec.errors import InputError
        from ntr_spec.verify.backends import backend

        try:
            for name in chosen:
                backend(name)
        except InputError as error:
            raise pytest.UsageError(f"--ntr-backends: {error}") from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """One line, if any option was given."""
    options = _options(config)
    if not options:
        return []
    from ntr_spec import __version__

    said = ", ".join(
        f"{name} {' '.join(value) if isinstance(value, tuple) else value}" for name, value in options.items()
    )
    return [f"ntr_spec {__version__}: {said}"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of laws and give them the options."""
    options = _options(config)
    for item in items:
        callspec: Any = getattr(item, "callspec", None)  # only parametrized tests have one
        if callspec is None:
            continue
        for name, value in callspec.params.items():
            # By name, so that a run without such tests imports no laws.
            if type(value).__module__ == "ntr_spec.testing.parametrize" and type(value).__name__ == "LawCheck":
                item.add_marker("ntr_law")
                callspec.params[name] = value.with_options(**options)


def _options(config: pytest.Config) -> dict[str, Any]:
    given = {
        "max_examples": config.getoption("--ntr-examples"),
        "backends": config.getoption("--ntr-backends"),
        "seed": config.getoption("--ntr-seed"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
