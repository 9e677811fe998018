// The bare `ws` package: a loop over the room's sockets; nothing stored. node ws.js PORT
const { createServer } = require("node:http");
const { WebSocketServer } = require("ws");

const rooms = new Map();
const http = createServer();
const server = new WebSocketServer({ server: http });

server.on("connection", (socket, request) => {
  const room = rooms.get(request.url) ?? new Set();
  rooms.set(request.url, room.add(socket));
  socket.on("close", () => room.delete(socket));
  socket.on("error", () => room.delete(socket));
  socket.on("message", (data) => {
    const text = data.toString();
    for (const member of room) member.send(text);
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1", 1024);
