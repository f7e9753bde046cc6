"""The connection breaks before anybody has looked at the request: nothing was done, and not a byte comes back.

A right client cannot tell this from a lost response, and does the same: it looks the document up before it sends it
again. The server has read the request by then and closes with FIN, because it hands its socket to nobody
(docs/decisions/0002-granian.md); a client sees a connection that ended without an answer, as after a reset.
"""

from __future__ import annotations

from sap_mock.faults.fault import Answer, Fault, Strike
from sap_mock.odata.messages import ODataRequest, ODataResponse, Transmission


class ConnectionReset(Fault):
    """See the module."""

    name = "connection_reset"

    def around(self, request: ODataRequest, answer: Answer, strike: Strike) -> ODataResponse:
        return ODataResponse(status=500, transmission=Transmission.RESET)
