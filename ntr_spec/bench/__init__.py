"""Measuring LMOs of matrices: time against certified accuracy, beside one matrix product and beside installed peers."""

from ntr_spec.bench.choices import merged
from ntr_spec.bench.clock import Quartiles
from ntr_spec.bench.devices import places
from ntr_spec.bench.measuring import measure, measure_case
from ntr_spec.bench.memory import Growth, growth
from ntr_spec.bench.picture import plot
from ntr_spec.bench.places import Place
from ntr_spec.bench.report import Report, report_from
from ntr_spec.bench.results import Case, Row, Standing
from ntr_spec.bench.settings import Settings

__all__ = [
    "Case",
    "Growth",
    "Place",
    "Quartiles",
    "Report",
    "Row",
    "Settings",
    "Standing",
    "growth",
    "measure",
    "measure_case",
    "merged",
    "places",
    "plot",
    "report_from",
]
