"""Colours of the terminal output."""

from __future__ import annotations

from collections.abc import Mapping

from ntr_spec.verify.findings import Status

STYLE_OF: Mapping[Status, str] = {
    Status.PROVED: "bold green",
    Status.DERIVED: "green",
    Status.TESTED: "cyan",
    Status.REFUTED: "bold red",
    Status.UNDECIDED: "yellow",
    Status.SKIPPED: "dim",
}
