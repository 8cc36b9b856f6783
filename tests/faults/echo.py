"""An echo on the house's own listeners, for conformance: `python -m tests.faults.echo --server uvicorn --port 9001`."""

import argparse
import importlib
from typing import Any

LIMIT_BYTES = 32 * 1024 * 1024  # the suite's largest messages are far above what the house lets in


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send back whatever comes."""
    if scope["type"] != "websocket":
        return
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})
        else:
            return


async def nobody() -> None:
    """Nobody to say goodbye to."""


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne")
    parser.add_argument("--port", type=int, default=9001)
    chosen = parser.parse_args()
    uvicorn = chosen.server == "uvicorn"
    served: Any = importlib.import_module("server.uvicorn_listener" if uvicorn else "server.listener")
    served.FRAME_LIMIT_BYTES = served.FRAGMENT_LIMIT = LIMIT_BYTES
    kind = served.UvicornListener if uvicorn else served.Listener
    kind(drain=nobody, application=echo, host="127.0.0.1", port=chosen.port, behind_proxy=False).run()


if __name__ == "__main__":
    main()
