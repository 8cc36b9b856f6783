"""The least an ASGI application can do with a WebSocket: echo."""


async def application(scope, receive, send):
    """Accept, then send back whatever comes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message.get("text") or ""})
