"""What BILL publishes about itself: the shapes of its records (schemas.py) and the OpenAPI document (openapi.py)."""
