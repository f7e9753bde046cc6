"""The Entity Data Model of OData V2: pure values that know neither HTTP nor SQL."""
