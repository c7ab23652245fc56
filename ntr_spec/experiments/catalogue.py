"""The experiments, by name."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ntr_spec.errors import InputError
from ntr_spec.experiments.bounds import Bounds
from ntr_spec.experiments.clipping import Clipping
from ntr_spec.experiments.decay import DecayOnOff
from ntr_spec.experiments.dimension import Dimension
from ntr_spec.experiments.experiment import Experiment
from ntr_spec.experiments.extrapolation import ExtrapolationOnOff
from ntr_spec.experiments.inexact import InexactLMO
from ntr_spec.experiments.orthogonal import Orthogonal
from ntr_spec.experiments.rates import Rates

_ALL: tuple[Experiment, ...] = (
    Bounds(),
    Rates(),
    ExtrapolationOnOff(),
    DecayOnOff(),
    Orthogonal(),
    Clipping(),
    Dimension(),
    InexactLMO(),
)

EXPERIMENTS: Mapping[str, Experiment] = {each.name: each for each in _ALL}


def experiment_named(name: str) -> Experiment:
    """The experiment of this name.

    Raises:
        InputError: there is none.
    """
    if name not in EXPERIMENTS:
        close = get_close_matches(name, EXPERIMENTS, 2, 0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else f"choose one of {', '.join(EXPERIMENTS)}"
        raise InputError(f"{name}: there is no experiment of this name; {hint}")
    return EXPERIMENTS[name]
