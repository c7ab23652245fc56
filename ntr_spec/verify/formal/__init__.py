"""The language in which the theory of [Kovalev25] is proved: formal vectors, what is measured of them, assumptions.

* :mod:`~ntr_spec.verify.formal.vectors`: linear combinations of named vectors, gradients and Hessian products.
* :mod:`~ntr_spec.verify.formal.vocabulary`: inner products, norms, function values and expectations as symbols.
* :mod:`~ntr_spec.verify.formal.method`: the method's equations, read off its code.
* :mod:`~ntr_spec.verify.formal.setting`: the assumptions, which hands out their instances as facts.
"""
