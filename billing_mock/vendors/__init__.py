"""One package per vendor, strangers to each other, each of the same four files.

routes.py (addresses, log-on, limits) · presenter.py (neutral invoice → dialect) · paging.py · errors.py.
"""
