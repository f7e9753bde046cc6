"""How a process learns that it is to end."""

import os

import pytest

from pipeline.worker.turn import Rope, Turn


@pytest.fixture
def rope():
    made = Rope()
    yield made
    made.cut()
    os.close(made._held)


def test_a_turn_is_over_when_its_time_is(rope, clock):
    turn = Turn(rope, clock, 30_000)
    clock.sleep(29_999)
    assert (turn.is_set, turn.is_over) == (False, False)
    clock.sleep(1)
    assert (turn.is_set, turn.is_over) == (True, True)
    assert turn.wait(60_000)


def test_a_turn_ends_at_once_when_the_rope_is_cut(rope, clock):
    turn = Turn(rope, clock, 30_000)
    assert not turn.wait(0)
    rope.cut()
    assert turn.wait(30_000)
    assert (turn.is_set, turn.is_over) == (True, False)


def test_the_rope_holds_while_the_main_process_keeps_its_end_however_many_children_let_go(rope):
    child = os.fork()
    if child == 0:
        rope.hold()
        os._exit(1 if rope.is_cut() else 0)
    assert os.waitpid(child, 0)[1] == 0
    assert not rope.is_cut()


def test_the_rope_is_cut_when_its_keeper_is_killed():
    made = Rope()
    keeper = os.fork()
    if keeper == 0:
        while not made.is_cut(60_000):
            pass
    made.hold()
    assert not made.is_cut()
    os.kill(keeper, 9)
    os.waitpid(keeper, 0)
    assert made.is_cut(10_000)
    os.close(made._held)
