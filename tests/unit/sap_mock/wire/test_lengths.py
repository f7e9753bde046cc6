"""Lengths inside a batch stay true when its text changes; a false one stays what it is."""

import pytest

from sap_mock.wire.lengths import as_placeholders, kept_true

ANSWER = (
    b"--O\r\nContent-Type: multipart/mixed; boundary=I\r\nContent-Length:        117\r\n\r\n"
    b"--I\r\nContent-Type: application/http\r\nContent-Length: 49\r\n\r\n"
    b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a":"bc"}\r\n--I--\r\n\r\n'
    b"--O\r\nContent-Type: application/http\r\nContent-Length: 39\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 73\r\n\r\n\r\n--O--\r\n"
)  # fmt: skip
"""A changeset whose length is set right-aligned, and an answer to HEAD, whose inner length counts what is not sent."""


def lengths(body):
    return [line.partition(b":")[2] for line in body.split(b"\r\n") if line.startswith(b"Content-Length")]


def test_what_counts_a_longer_text_counts_more_and_keeps_its_form():
    longer = kept_true(ANSWER, lambda body: body.replace(b"bc", b"b" * 102))

    assert lengths(ANSWER) == [b"        117", b" 49", b" 10", b" 39", b" 73"]
    assert lengths(longer) == [b"        219", b" 150", b" 110", b" 39", b" 73"]


@pytest.mark.parametrize("body", [ANSWER, b"", b"plain", b"\x00binary", b"Content-Length: 3\r\n\r\nabc"])
def test_no_change_changes_nothing(body):
    assert kept_true(body, lambda same: same) == body


def test_a_text_becomes_shorter_than_its_length_was_wide():
    body = b"Content-Length: 100\r\n\r\n" + b"x" * 100
    assert kept_true(body, lambda text: text.replace(b"x" * 100, b"")) == b"Content-Length: 0\r\n\r\n"


def test_only_true_lengths_become_placeholders():
    assert lengths(as_placeholders(ANSWER)) == [b" {length:10}", b" {length}", b" {length}", b" {length}", b" 73"]
