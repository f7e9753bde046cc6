"""The web edge: Flask in front of the engine, and the server that runs it."""
