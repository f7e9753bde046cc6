"""Who works with a ledger, as its history remembers them: a user on a machine, and a version of this program."""

import getpass
import socket
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True, kw_only=True)
class Actor:
    """`USER@HOST`, and the program with its version."""

    who: str = "somebody"
    program: str = "billing-to-sap"


def this_program() -> Actor:
    """The operating system's user on this machine, with the version that is running."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        user = "unnamed"
    try:
        number = version("billing-to-sap")
    except PackageNotFoundError:
        number = "of unknown version"
    return Actor(who=f"{user}@{socket.gethostname()}", program=f"billing-to-sap {number}")
