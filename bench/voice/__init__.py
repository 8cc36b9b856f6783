"""The bars of the voice plane, V1 to V16: what a call costs, how late it is, how soon it is back.

`python -m bench voice` measures them. Cost is a ratio to a peer of the same run; the others are delays, losses and
growth against a stated bar.
"""


def main(argv: list[str]) -> None:
    """Run; see `bench.voice.command`."""
    from bench.voice import command  # noqa: PLC0415 - a server's process shall not load browsers and loads

    command.main(argv)
