// A two-party chat on Node's ws: one INSERT per message, then the acknowledgement, then the other party, through one
// Valkey channel that all processes hear. No sign-in, no rules, no encryption: what the bare libraries cost.
import http from "node:http";
import pg from "pg";
import { Redis } from "ioredis";
import { WebSocketServer } from "ws";

const [port, database, broker] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: database, max: 8 });
const bus = new Redis(broker);
const ears = new Redis(broker);
const rooms = new Map();
const me = String(process.pid);

function tell(room, frame, except) {
  for (const socket of rooms.get(room) ?? []) if (socket !== except) socket.send(frame);
}

async function post(socket, room, author, raw) {
  const { id, text } = JSON.parse(raw);
  await pool.query({
    name: "post",
    text: "INSERT INTO node_message (room, author, client_id, text) VALUES ($1, $2, $3, $4)",
    values: [room, author, id, text],
  });
  socket.send(JSON.stringify({ ack: id }));
  const frame = JSON.stringify({ author, text });
  tell(room, frame, socket);
  bus.publish("chat", `${me} ${room} ${frame}`);
}

await ears.subscribe("chat");
ears.on("message", (_channel, said) => {
  const [process_, room] = said.split(" ", 2);
  if (process_ !== me) tell(room, said.slice(process_.length + room.length + 2), undefined);
});

const server = http.createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 65536 });
sockets.on("connection", (socket, request) => {
  const [, , room, author] = request.url.split("/");
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.on("message", (raw) => post(socket, room, author, raw).catch((fault) => socket.close(1011, fault.code)));
  socket.on("close", () => {
    rooms.get(room).delete(socket);
    if (rooms.get(room).size === 0) rooms.delete(room);
  });
});
server.listen(Number(port), "127.0.0.1", 4096);
