"""An SAP Gateway OData V2 service to test against."""
