"""A message class fills in its variables as MESSAGE … WITH does."""

import pytest

from sap_mock.provider.message_class import MessageClass


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("Enter a customer",             (),            "Enter a customer"),
        ("Invoice &1 already exists",    ("A",),        "Invoice A already exists"),
        ("&2 before &1",                 ("A", "B"),    "B before A"),
        ("&1 and &1",                    ("A",),        "A and A"),
        ("Posting period & & is closed", ("010", 2023), "Posting period 010 2023 is closed"),
        ("&1",                           ("&2",),       "&2"),              # a variable is not filled in again
        ("&1 &2 &3 &4",                  tuple("abcd"), "a b c d"),
        ("Value &1 in &2",               ("A",),        "Value A in "),     # one left out is blank
        ("& &",                          ("A",),        "A "),
    ],
)  # fmt: skip
def test_variables_are_filled_in(text, variables, expected):
    assert MessageClass(name="Z", texts={"001": text})("001", *variables).text == expected


def test_a_message_knows_its_class_number_and_variables():
    message = MessageClass(name="ZINVOICE", texts={"001": "Invoice &1 already exists"})("001", 7)

    assert (message.code, message.variables) == ("ZINVOICE/001", ("7",))


def test_an_unknown_number_is_a_mistake_of_the_programmer():
    with pytest.raises(KeyError):
        MessageClass(name="Z", texts={})("001")
