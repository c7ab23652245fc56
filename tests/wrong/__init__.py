"""Wrong norm declarations: each differs in one place from a right one. The table of them is ``tests/mutants.py``."""
