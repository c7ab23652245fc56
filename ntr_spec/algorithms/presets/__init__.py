"""Named optimizers as settings of one method, with the conventions of the implementations that they are named after.

Each preset returns a :class:`TrustRegion` with its :class:`Convention`; :func:`orthogonal_sgdm` alone is another
method, kept as a contrast.
"""

from ntr_spec.algorithms.presets import layers
from ntr_spec.algorithms.presets.euclidean import normalized_sgd
from ntr_spec.algorithms.presets.layerwise import scion
from ntr_spec.algorithms.presets.orthogonal import orthogonal_sgdm
from ntr_spec.algorithms.presets.signs import lion, signum
from ntr_spec.algorithms.presets.spectral import FLAVOURS, Flavour, muon, muon_norm

__all__ = [
    "FLAVOURS",
    "Flavour",
    "layers",
    "lion",
    "muon",
    "muon_norm",
    "normalized_sgd",
    "orthogonal_sgdm",
    "scion",
    "signum",
]
