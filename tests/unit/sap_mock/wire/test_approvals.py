"""An approval covers the difference that somebody looked at, not the next one; a wrong file is refused in a sentence."""

import pytest

from sap_mock.wire.approvals import Approval, ApprovalsWrong, read, write
from sap_mock.wire.comparison import Difference

DIFFERENCE = Difference(where="body", expected=('d.a = "ß\x7f\\"',), actual=())
APPROVAL = Approval(case="c", where="body", reason="it is\nso", expected=DIFFERENCE.expected, actual=())


@pytest.mark.parametrize(
    ("approval", "covered"),
    [
        (APPROVAL, True),
        (Approval(case="*", where="*", reason="r"), True),
        (Approval(case="c", where="body", reason="r", actual=()), True),
        (Approval(case="d", where="body", reason="r"), False),
        (Approval(case="c", where="field *", reason="r"), False),
        (Approval(case="c", where="body", reason="r", expected=("d.a = 2",)), False),
        (Approval(case="c", where="body", reason="r", actual=("d.a = 2",)), False),
    ],
)
def test_an_approval_covers_what_it_names(approval, covered):
    assert approval.covers("c", DIFFERENCE) is covered


def test_what_is_written_is_read_again(tmp_path):
    path = tmp_path / "approvals.toml"
    write(path, [APPROVAL, Approval(case="*", where="field server", reason="r")])
    assert read(path) == [APPROVAL, Approval(case="*", where="field server", reason="r")]


def test_no_file_approves_nothing(tmp_path):
    assert read(tmp_path / "none.toml") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("approved = 1", "only entries"),
        ("[x]", "only entries"),
        ("approved = ", "Invalid value"),
        ("[[approved]]\ncase='a'\nwhere='b'", "entry 1: 'reason' is missing; write it as a text that is not empty"),
        ("[[approved]]\ncase='a'\nwhere='b'\nreason=' '", "entry 1: 'reason' is missing"),
        ("[[approved]]\ncase='a'\nwhere='b'\nreason='c'\nexpected='d'", "entry 1: 'expected' must be a list of lines"),
        ("[[approved]]\nwhy='a'", "entry 1: why is unknown; use actual, case, expected, reason, where"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(tmp_path, text, said):
    path = tmp_path / "approvals.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ApprovalsWrong, match=r"approvals\.toml: ") as refused:
        read(path)
    assert said in str(refused.value)
