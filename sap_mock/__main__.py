"""``python -m sap_mock``."""

from sap_mock.cli import main

main(prog_name="sap-mock")
