"""`python -m billing_mock` is `billing-mock`."""

from billing_mock.cli import main

main(prog_name="billing-mock")
