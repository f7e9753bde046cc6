"""The OData V2 protocol: pure functions over bytes and values."""
