"""What was said: exchanges as they are remembered, with secrets masked, and the files they are exported to."""
