"""The services themselves: each is its metadata.xml plus the methods of its data provider that differ."""
