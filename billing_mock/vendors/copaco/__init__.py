"""The Billing API of the Commerce Platform (Copaco Cloud), after the pages of its knowledge base."""
