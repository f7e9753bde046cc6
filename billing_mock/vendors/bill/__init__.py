"""The BILL v3 API, accounts receivable, after BILL's developer pages and its published Postman collection.

contract/ is what BILL publishes about itself: the shapes of its records and the OpenAPI document. desk/ is where
callers write.
"""
