"""Things that go wrong. One file each; a plan says for whom and how often, and keeps score."""

from __future__ import annotations

from sap_mock.faults import csrf_expiry, cut_body, http_error, latency, lost_response
from sap_mock.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        csrf_expiry.CsrfExpiry(),
        cut_body.CutBody(),
        http_error.HttpError(),
        latency.Latency(),
        lost_response.LostResponse(),
    )
}
