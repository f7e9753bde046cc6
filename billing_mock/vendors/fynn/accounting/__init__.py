"""From a document to its postings: which accounts (chart.py), which amounts on which days (postings.py)."""
