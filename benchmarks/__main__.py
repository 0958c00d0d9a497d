"""`python -m benchmarks [NAME...]`: measures what each choice costs, and prints tables."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.measuring import machine
from index.command_line import ProgressBar, run

NAMES = ("lexical", "embedding", "adding", "reading", "asking")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 all measured, 2 something could not be."""
    arguments = sys.argv[1:] if arguments is None else arguments
    return run(lambda: _main(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)} (default: all)")
    parser.add_argument("--chunks", type=int, default=100_000, metavar="N", help="lexical: how many chunks")
    parser.add_argument("--articles", type=int, default=200, metavar="N", help="adding: how many articles")
    return parser


def _main(options: argparse.Namespace) -> int:
    names = options.names or NAMES
    if unknown := set(names) - set(NAMES):
        print(
            f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.",
            file=sys.stderr,
        )
        return 2
    if len(names) == 1:
        _measure(names[0], options)
        return 0
    # Each in a process of its own, so that the peak of memory is its own too.
    numbers = ["--chunks", str(options.chunks), "--articles", str(options.articles)]
    commands = [[sys.executable, "-m", "benchmarks", name, *numbers] for name in names]
    return max(subprocess.run(command, check=False).returncode for command in commands)


def _measure(name: str, options: argparse.Namespace) -> None:
    print(f"{name}: {machine()}", file=sys.stderr)
    with ProgressBar() as progress:
        if name == "lexical":
            from benchmarks import lexical

            lexical.run(options.chunks, progress)
        elif name == "embedding":
            from benchmarks import embedding

            embedding.run(progress)
        elif name == "reading":
            from benchmarks import reading

            reading.run(progress)
        elif name == "adding":
            from benchmarks import adding

            adding.run(options.articles, progress)
        else:
            from benchmarks import asking

            asking.run(progress)


if __name__ == "__main__":
    sys.exit(main())
