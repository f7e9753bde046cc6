"""HTTP exchanges as text that people read and programs play: cases, what is masked in them, how two answers compare.

Nothing here opens a connection or knows OData's engine, so a real Gateway and the stand-in are told in the same words.
"""
