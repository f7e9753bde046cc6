"""The Postman Billing API, after the Postman API OpenAPI 1.45.0 and the Postman blog on the billing endpoints."""
