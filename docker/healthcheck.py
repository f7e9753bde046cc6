#!/usr/bin/env python3
"""`healthcheck URL` ends with 0 when URL answers 200, else with 1 and a sentence. It asks its own host, by no proxy."""

import http.client
import sys
from urllib.parse import urlsplit

SECONDS = 4


def main(url: str) -> str | None:
    """What is wrong with the answer, or nothing."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=SECONDS)
    try:
        connection.request("GET", address.path or "/")
        status = connection.getresponse().status
    except OSError as error:
        return f"{url} does not answer: {error}"
    return None if status == http.client.OK else f"{url} answers {status}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
