"""Turn files on disk into the checked model, or into a list of everything wrong with them."""
