"""Turn exercise data into printed handouts: source, screening, theme, press, bind, post."""

__version__ = "0.1.0"
