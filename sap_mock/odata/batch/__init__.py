"""$batch: bytes ⇄ parts, and which parts belong together."""
