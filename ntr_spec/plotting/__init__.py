"""Pictures of norms: unit balls, dual balls, LMO arrows and witnesses, as plain data and as SVG text.

This package needs norms and arrays only and draws its SVG itself (a polygon and some arrows do not justify a plotting
library in every installation), so it lies below ``verify``, whose HTML report uses it.
"""

from ntr_spec.plotting.picture import Arrow, Mark, Panel, Picture, picture_of
from ntr_spec.plotting.svg import panel_svg

__all__ = ["Arrow", "Mark", "Panel", "Picture", "panel_svg", "picture_of"]
