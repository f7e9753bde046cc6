"""The fixture that people's own tests use: a fault that never struck is a failure of theirs."""

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.processes
def test_a_plan_that_never_fired_fails_the_test_that_added_it(pytester):
    pytester.makepyfile(
        """
        import requests

        def test_idle(sap_gateway):
            sap_gateway.faults.add("latency", milliseconds=1, method="DELETE")

        def test_busy(sap_gateway):
            sap_gateway.faults.add("latency", milliseconds=1)
            with sap_gateway.session():
                pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*fault plans that never fired: latency*"])
