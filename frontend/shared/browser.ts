/** What a browser hands to Link: WebSocket, timers, page lifecycle, chance. The only file of the client that needs one. */
import { withExchange } from "./exchange";
import { Link, type Clock, type Connect, type LinkHandlers, type Lifecycle } from "./socket";

const connect: Connect = (url, subprotocol, listener) => {
  const socket = new WebSocket(url, subprotocol);
  socket.onopen = () => listener.opened();
  socket.onmessage = (message) => {
    if (typeof message.data === "string") listener.received(message.data);
  };
  socket.onclose = (event) => listener.closed(event.code);
  return {
    send(text) {
      // A socket that is closing tells so by `onclose`; what was meant for it is kept in the outbox.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close(code) {
      socket.close(code);
    },
  };
};

const lifecycle: Lifecycle = (awake) => {
  const shown = () => {
    if (document.visibilityState === "visible") awake();
  };
  document.addEventListener("visibilitychange", shown);
  window.addEventListener("pageshow", awake);
  window.addEventListener("online", awake);
  // "Offline" is asked about as well: a page that says "live" must not wait for the next heartbeat to learn better.
  window.addEventListener("offline", awake);
  return () => {
    document.removeEventListener("visibilitychange", shown);
    window.removeEventListener("pageshow", awake);
    window.removeEventListener("online", awake);
    window.removeEventListener("offline", awake);
  };
};

/** 128 random bits as hex; crypto.randomUUID is missing on older phones and without https. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const EXCHANGE_MS = 12_000;

/** One request of a page whose network lets no socket through. */
async function post(body: string): Promise<{ status: number; text: string }> {
  const cut = new AbortController();
  const stop = clock.after(EXCHANGE_MS, () => cut.abort());
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/exchange", { method: "POST", body, headers, signal: cut.signal });
    return { status: answer.status, text: await answer.text() };
  } finally {
    stop();
  }
}

/** A visitor's link: a socket, or requests where none gets through. */
export function visitorLink(path: string, handlers: LinkHandlers): Link {
  return browserLink(path, handlers, withExchange(connect, post, clock.after));
}

/** A link to a socket of this host, for instance `/ws/contact/`. */
export function browserLink(path: string, handlers: LinkHandlers, way: Connect = connect): Link {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new Link(
    {
      url: `${scheme}://${location.host}${path}`,
      connect: way,
      lifecycle,
      newId,
      random: Math.random,
      clock,
    },
    handlers,
  );
}
