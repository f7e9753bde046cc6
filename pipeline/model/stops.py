"""What ends a run, sorted by who can help. There is no common parent to catch."""


class Misconfigured(Exception):
    """A setting, a credential or a permission is wrong: a person must change it. The text is one sentence per line."""


class LogOnRefused(Misconfigured):
    """SAP refuses user and password: for each of its services, and another try counts towards locking the user."""


class Unavailable(Exception):
    """A source, SAP or the ledger cannot be used just now: the same command may be repeated later."""
