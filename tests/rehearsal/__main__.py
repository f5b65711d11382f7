"""`make rehearse`: two web machines, two workers, PostgreSQL, Redis and nginx lose each part in turn."""

import sys
import time

from tests.rehearsal.looking import table
from tests.rehearsal.rehearsal import FULL, rehearse


def say(sentence: str) -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def main() -> int:
    """Rehearse, print the table, and return 0 if nothing was lost and nothing counted twice."""
    began = time.monotonic()
    outcome = rehearse(FULL, say)
    for line in ("", *table(outcome.killed), "", "Asked to end, one after the other:", *table(outcome.rolled), ""):
        say(line)
    say(
        f"{outcome.signed} acknowledged forms, {outcome.confirmed} acknowledged confirmations, total {outcome.total} "
        f"in {outcome.editions} editions. Forms without a mail: {outcome.lost_mails}. Confirmations not counted: "
        f"{outcome.lost_names}. Counted twice: {outcome.counted_twice}. Mails sent twice: {outcome.mails_twice}. "
        f"{time.monotonic() - began:.0f} s."
    )
    for finding in outcome.wrong:
        say(finding)
    return 1 if outcome.wrong or outcome.lost_mails or outcome.lost_names or outcome.counted_twice else 0


if __name__ == "__main__":
    sys.exit(main())
