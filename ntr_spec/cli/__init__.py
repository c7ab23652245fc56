"""The command line: ``ntr-spec list | show | verify | doctor``."""


def main() -> None:
    """Run the command line and exit with its status."""
    from ntr_spec.cli.app import run_app

    run_app()
