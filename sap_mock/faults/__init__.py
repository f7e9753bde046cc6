"""Things that go wrong. One file each; a plan says for whom and how often, and keeps score. See docs/faults.md."""

from __future__ import annotations

from sap_mock.faults import (
    batch_cut,
    booked_then_500,
    changeset_failure,
    connection_reset,
    csrf_expiry,
    cut_body,
    http_error,
    late_response,
    latency,
    lock_held,
    logon_page,
    lost_response,
    maintenance_window,
    no_free_process,
    number_range_exhausted,
    password_changed,
    posting_period_closed,
    rfc_error,
    session_loss,
    short_dump,
    slow_drip,
    stale_metadata,
    throttle,
    update_task_failure,
    wrong_content_type,
)
from sap_mock.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        batch_cut.BatchCut(),
        booked_then_500.BookedThen500(),
        changeset_failure.ChangesetFailure(),
        connection_reset.ConnectionReset(),
        csrf_expiry.CsrfExpiry(),
        cut_body.CutBody(),
        http_error.HttpError(),
        late_response.LateResponse(),
        latency.Latency(),
        lock_held.LockHeld(),
        logon_page.LogonPage(),
        lost_response.LostResponse(),
        maintenance_window.MaintenanceWindow(),
        no_free_process.NoFreeProcess(),
        number_range_exhausted.NumberRangeExhausted(),
        password_changed.PasswordChanged(),
        posting_period_closed.PostingPeriodClosed(),
        rfc_error.RfcError(),
        session_loss.SessionLoss(),
        short_dump.ShortDump(),
        slow_drip.SlowDrip(),
        stale_metadata.StaleMetadata(),
        throttle.Throttle(),
        update_task_failure.UpdateTaskFailure(),
        wrong_content_type.WrongContentType(),
    )
}
