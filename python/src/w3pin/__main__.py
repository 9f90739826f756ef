"""The ``w3pin`` command."""

import signal
import sys

from w3pin._native import run_command


def main() -> None:
    """Runs the command with the arguments of this process, and ends it."""
    # Python would only note an interrupt, and look at it when the command has ended.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(run_command(["w3pin", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
