"""What callers wrote stands over what was generated."""

from billing_mock.written import Written


def test_written_members_stand_over_the_generated_ones_until_reset():
    touched = []
    written = Written(lambda: touched.append(1))
    assert written.over("invoices", "1", {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    written.change("invoices", "1", {"a": 3})
    written.change("invoices", "1", {"b": None, "c": 4})
    assert written.over("invoices", "1", {"a": 1, "b": 2}) == {"a": 3, "c": 4}
    assert written.over("customers", "1", {"a": 1}) == {"a": 1}
    written.create("invoices", "2", {"a": 5})
    assert written.created("invoices") == ("2",)
    assert written.over("invoices", "2", {}) == {"a": 5}
    assert len(touched) == 3
    assert written.changed("invoices") == ("1", "2")
    assert written.changed("customers") == ()
    written.reset()
    assert written.created("invoices") == ()
    assert written.over("invoices", "1", {"a": 1}) == {"a": 1}
