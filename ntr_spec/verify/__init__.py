"""Engines that interpret laws, and what they find."""

from ntr_spec.verify.findings import Evidence, Finding, Status, Witness
from ntr_spec.verify.settings import Settings

__all__ = ["Evidence", "Finding", "Settings", "Status", "Witness"]
