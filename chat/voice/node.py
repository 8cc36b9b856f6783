"""A media worker's ear for commands: carries out what the house asks, on the engine it was given."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import msgspec

from chat.voice.contract import MediaEngine
from chat.voice.control import Arrange, AskLoad, Channel, CloseCall, CloseLeg, OpenLeg, Order, Reply
from kernel.errors import Malformed, Refused

log = logging.getLogger("xinqiao.voice")

_orders = msgspec.json.Decoder(Order)
CONNECTIONS = 64


class Node:
    """The control port of one worker."""

    def __init__(self, engine: MediaEngine, secret: bytes, opened: Callable[[str], None] = lambda _call: None) -> None:
        """Serve this engine to whoever holds the secret; `opened` hears of each call that got a leg."""
        self._engine = engine
        self._opened = opened
        self._secret = secret
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; answers the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and end all connections; pages then know at once that this worker is gone."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._open):
            writer.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, remembered while it lasts."""
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        await self._listen(reader, writer)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Commands one after another, in the order they came."""
        if len(self._open) >= CONNECTIONS:
            writer.close()
            return
        self._open.add(writer)
        try:
            channel = await Channel.open(reader, writer, self._secret, asking=False)
            while True:
                channel.send(await self._carry_out(_orders.decode(await channel.receive())))
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        except (Malformed, msgspec.MsgspecError):
            log.warning("a control connection without the secret, or with nonsense, was closed")
        finally:
            self._open.discard(writer)
            with contextlib.suppress(ConnectionError):
                writer.close()

    async def _carry_out(self, order: Order) -> Reply:
        """Do one thing; a refusal is an answer, a fault of ours is one too and is logged."""
        try:
            return await self._do(order)
        except Refused as no:
            return Reply(order.id, error=no.code)
        except Malformed:
            return Reply(order.id, error="malformed")
        except Exception:
            log.exception("media command failed")
            return Reply(order.id, error="unavailable")

    async def _do(self, order: Order) -> Reply:
        """Pass a command to the engine."""
        match order:
            case OpenLeg():
                answer = await self._engine.open_leg(order.call, order.leg, order.role, order.offer)
                self._opened(order.call)
                return Reply(order.id, answer)
            case Arrange():
                await self._engine.arrange(order.call, order.revision, order.routes)
            case CloseLeg():
                await self._engine.close_leg(order.call, order.leg)
            case CloseCall():
                await self._engine.close_call(order.call)
            case AskLoad():
                return Reply(order.id, load=self._engine.load())
        return Reply(order.id)
