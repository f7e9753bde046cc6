"""The fixtures themselves."""


def test_a_stand_in_may_say_much_more_than_a_pipe_holds(talking):
    for _ in range(120):  # a traceback each, some kilobytes: well over the 64 KB of a pipe
        assert talking.ask("POST", "Orders", {"OrderId": "DUMP"}).status_code == 500
