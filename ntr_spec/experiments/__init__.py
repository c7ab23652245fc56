"""Experiments: the theory beside what runs do. ``ntr-spec experiment NAME`` runs one; see :mod:`.experiment`."""

from ntr_spec.experiments.catalogue import EXPERIMENTS, experiment_named
from ntr_spec.experiments.experiment import Experiment, claim, failed, seed_of
from ntr_spec.experiments.runner import Outcome, WorkerError, run_experiment

__all__ = [
    "EXPERIMENTS",
    "Experiment",
    "Outcome",
    "WorkerError",
    "claim",
    "experiment_named",
    "failed",
    "run_experiment",
    "seed_of",
]
