"""Turn a contest of ``handouts batch`` with its peers into a table of rates and ratios.

Run by ``make bench``; ``ARGS="--clients 500 --full"`` measures larger samples of the peers.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.match import Contest, measure_load
from tests.bench.page import read_options, write_part
from tests.bench.tables import write_table


def main() -> None:
    """Measure, print the tables and write them to docs/benchmarks.md."""
    options = read_options(__doc__)
    # Where the table goes is nobody's business but the one's who runs it.
    full = ["--full"] if options.full else []
    arguments = " ".join([f"--clients {options.clients}", f"--rounds {options.rounds}", *full])
    command = f'make bench ARGS="{arguments}"'
    load = measure_load()
    with tempfile.TemporaryDirectory() as folder:
        contest = Contest(Path(folder), options.clients, full=options.full)
        contest.measure(options.rounds)
        table = write_table(contest, options.rounds, command, load)
    sys.stdout.write(table)
    if options.output != "-":
        write_part(Path(options.output), "batch", table)


if __name__ == "__main__":
    main()
