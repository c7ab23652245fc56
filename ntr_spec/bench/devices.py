"""``places``: which libraries and devices a benchmark can use here."""

from __future__ import annotations

from collections.abc import Sequence

from ntr_spec.bench.places import CuPyPlace, JaxPlace, NumPyPlace, Place, TorchPlace
from ntr_spec.errors import InputError
from ntr_spec.verify.backends import backend

_KINDS: tuple[type[Place], ...] = (NumPyPlace, TorchPlace, JaxPlace, CuPyPlace)
LIBRARIES = tuple(kind.library for kind in _KINDS)


def places(libraries: Sequence[str] | None = None, device: str | None = None) -> tuple[Place, ...]:
    """Where to measure: the libraries that are asked for, each on its first card if it has one, else on the processor.

    Args:
        libraries: short names; None: all that can be used here.
        device: ``"cpu"``, ``"cuda"``, ``"cuda:1"``; None: as above. A library that cannot use it is left out, unless it
            was asked for by name.

    Raises:
        InputError: a library is not known or not usable here, or none has such a device.

    >>> [str(place) for place in places(["numpy"])]
    ['numpy cpu']
    """
    found = []
    for name in LIBRARIES if libraries is None else libraries:
        if name not in LIBRARIES:
            raise InputError(f"--library {name}: expected one of {', '.join(LIBRARIES)}; check the spelling")
        try:
            known = backend(name)
        except InputError:
            if libraries is None:
                continue
            raise
        chosen = _chosen(name, device)
        if chosen is not None:
            found.append(_KINDS[LIBRARIES.index(name)](chosen))  # type: ignore[call-arg]
        elif libraries is not None:
            seen = ", ".join(known.devices)
            raise InputError(f"--device {device}: {name} has {seen or 'no device'}; name one of them, or leave it out")
    if not found:
        raise InputError(f"--device {device}: no installed library can use it; ntr-spec doctor tells what there is")
    return tuple(found)


def _chosen(library: str, device: str | None) -> str | None:
    """The device to use, as the library calls it, or None if it has no such device."""
    kind, _, number = (device or "").partition(":")
    there = {"numpy": _nowhere, "torch": _torch_cards, "jax": _jax_cards, "cupy": _cupy_cards}[library]()
    if kind in ("cuda", "gpu") or (not kind and there):
        at = number or "0"
        return f"cuda:{at}" if at.isdecimal() and int(at) < there else None
    return "cpu" if kind in ("", "cpu") and library != "cupy" else None


def _nowhere() -> int:
    return 0


def _torch_cards() -> int:
    import torch

    return int(torch.cuda.device_count())


def _jax_cards() -> int:
    import jax

    return sum(each.platform == "gpu" for each in jax.devices())


def _cupy_cards() -> int:
    import cupy

    return int(cupy.cuda.runtime.getDeviceCount())
