"""Fixes Hypothesis' randomness: derandomised in CI, free elsewhere, so that local runs keep searching."""

import os

from hypothesis import settings

settings.register_profile("ntr", derandomize=bool(os.environ.get("CI")), deadline=None)
settings.load_profile("ntr")
