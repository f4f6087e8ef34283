"""Turn a pose (joint angles) into a picture (SVG text): pure functions, no drawing library."""
