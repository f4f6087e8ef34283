"""Turn ``python -m handouts`` into the command."""

from handouts.cli import main

main()
