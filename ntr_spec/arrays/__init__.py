"""Array libraries behind one face: mended namespaces, constants, tolerances."""

from ntr_spec.arrays.namespace import Namespace, admit, device_of, namespace_of
from ntr_spec.arrays.operations import combine, dot, euclidean, in_pieces, largest_entry, times
from ntr_spec.arrays.parameter import Parameter
from ntr_spec.arrays.products import product_eps
from ntr_spec.arrays.rational import simplest_rational
from ntr_spec.arrays.reading import free_to_read
from ntr_spec.arrays.tolerance import rounding, tolerance

__all__ = [
    "Namespace",
    "Parameter",
    "admit",
    "combine",
    "device_of",
    "dot",
    "euclidean",
    "free_to_read",
    "in_pieces",
    "largest_entry",
    "namespace_of",
    "product_eps",
    "rounding",
    "simplest_rational",
    "times",
    "tolerance",
]
