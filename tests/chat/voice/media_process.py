"""A media worker as a process of its own, without a database, so that a test can kill it."""

import asyncio
import subprocess
import sys

from chat.voice.control import derive
from chat.voice.node import Node
from chat.voice.passthrough import PassthroughEngine

SECRET = derive(b"only for these tests")


def start() -> "tuple[subprocess.Popen[str], str]":
    """Start one; answers the process and its control address."""
    command = [sys.executable, "-m", "tests.chat.voice.media_process"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, f"127.0.0.1:{process.stdout.readline().strip()}"


def end(process: "subprocess.Popen[str]") -> None:
    """Kill it and give its pipes back."""
    process.kill()
    process.communicate()


async def serve() -> None:
    """Work until the input ends."""
    engine = PassthroughEngine(lambda fact: None)
    await engine.start()
    print(await Node(engine, SECRET).start("127.0.0.1", 0), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
