"""Fynn's accounting postings, after the Fynn API documentation (OpenAPI 3.1) and its articles on accounting and DATEV.

accounting/ is what Fynn does to a document before anything is told: the chart of accounts and the postings themselves.
"""
