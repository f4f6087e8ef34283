"""Turn checked values into frozen types: the words that the whole program shares."""
