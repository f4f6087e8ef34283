"""Turn a programme and thousands of clients into their booklets, on all processors."""
