"""``python -m ntr_spec`` is the command line."""

from ntr_spec.cli import main

if __name__ == "__main__":
    main()
