"""Turn a finished PDF and a person into mail that is sent once and accounted for."""
