"""The engine: a request of bytes in, a response of bytes out. It knows no service and no web framework."""
