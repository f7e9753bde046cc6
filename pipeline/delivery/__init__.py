"""The work itself: collect, deliver, resolve, reconcile, report."""
