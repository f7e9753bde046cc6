"""SAP's two classes, the model provider and the data provider, and what surrounds them."""
