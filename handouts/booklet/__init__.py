"""Turn a programme and its clients into booklets: read, screened, laid out and bound."""
