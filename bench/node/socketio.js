// Socket.IO: its own rooms, its own broadcast; nothing stored. node socketio.js PORT
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer();
const io = new Server(http, { serveClient: false });

io.on("connection", (socket) => {
  const room = `room ${socket.handshake.query.room}`;
  socket.join(room);
  socket.on("chat", (text) => io.to(room).emit("chat", text));
});

http.listen(Number(process.argv[2]), "127.0.0.1", 1024);
