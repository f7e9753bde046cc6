"""Cases taken from one server and played against another: the recording proxy, the player, what is told of it."""
