"""When something is tried again. Pure: from what happened, and how often, to a number of milliseconds."""

from collections.abc import Callable

from pipeline.model.outcome import NotTaken

FIRST = 1_000
LONGEST = 300_000
LONGEST_ASKED = 3_600_000
LOOK_AGAIN = 5_000
PATIENCE = 20_000
LOOK_ROUND = 500
FAILURES_IN_A_ROW = 6
LOOKS_IN_A_ROW = 3


def wait(outcome: NotTaken, attempt: int, chance: Callable[[int], int]) -> int:
    """How long to wait before the next attempt.

    What SAP asked for (bounded), else twice as long each time, spread by half.
    """
    if outcome.wait is not None:
        return min(outcome.wait, LONGEST_ASKED)
    step: int = min(FIRST * 2 ** min(attempt - 1, 20), LONGEST)
    return step // 2 + chance(step - step // 2)
