"""The language in which the theory of [Kovalev25] is proved: formal vectors, what is measured of them, assumptions.

* :mod:`~ntr_spec.verify.formal.vectors`: linear combinations of named vectors, gradients and Hessian products.
* :mod:`~ntr_spec.verify.formal.structures`: what the symbols stand for.
* :mod:`~ntr_spec.verify.formal.vocabulary`: inner products, norms, function values and expectations as symbols.
* :mod:`~ntr_spec.verify.formal.method`: the method's equations, read off its code.
* :mod:`~ntr_spec.verify.formal.assumptions`: what may be assumed, and the constants.
* :mod:`~ntr_spec.verify.formal.setting`: hands out instances of assumptions as facts.
"""
