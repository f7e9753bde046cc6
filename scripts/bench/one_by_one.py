"""The patient rival: one POST after another, on one connection that is kept, with a token and SAP's types.

`one_by_one.py BILLING KEY SAP USER PASSWORD LIMIT`; prints how many were created.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import requests

TIMEOUT = 60


def main(arguments: Sequence[str]) -> None:
    """Read the invoices and post them."""
    billing, key, sap, user, password, limit = arguments
    headers = {"x-api-key": key}
    account = requests.get(f"{billing}/accounts", headers=headers, timeout=TIMEOUT).json()["id"]
    listed = requests.get(f"{billing}/accounts/{account}/invoices?status=PAID", headers=headers, timeout=TIMEOUT)
    root = f"{sap}/sap/opu/odata/sap/ZINVOICE_SRV/"
    session = requests.Session()
    session.auth = (user, password)
    session.headers["Accept"] = "application/json"
    fetched = session.get(root, headers={"X-CSRF-Token": "Fetch"}, timeout=TIMEOUT)
    session.headers["X-CSRF-Token"] = fetched.headers["x-csrf-token"]
    created = 0
    for invoice in listed.json()["data"][: int(limit)]:
        entity = {
            "ID": invoice["id"],
            "Status": invoice["status"],
            "IssuedAt": f"{invoice['issuedAt']}T00:00:00",
            "Value": str(invoice["totalAmount"]["value"]),
            "Currency": invoice["totalAmount"]["currency"],
            "Link": invoice.get("links", {}).get("web", {}).get("href", ""),
        }
        created += session.post(f"{root}Invoices", json=entity, timeout=TIMEOUT).status_code == 201
    print(created)


if __name__ == "__main__":
    main(sys.argv[1:])
