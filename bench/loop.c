/* The limit: a bare broadcast loop that speaks just enough WebSocket for the load.
 *
 *     loop PORT [joined]
 *
 * One thread, one epoll. A message is written to every member of its room with one
 * write each; nothing is stored, queued, parsed or checked. With `joined`, all messages
 * of a room that came in one turn are written with one write per member. The room is the
 * number in the path: GET /<room>.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, MOST = 65536, ROOMS = 4096, READ_BYTES = 65536, QUEUE_BYTES = 1 << 20 };

struct room {
  int *members, count, has_room;
  uint8_t *queue;
  size_t queued;
};

static struct room rooms[ROOMS];
static int room_of[MOST]; /* by descriptor; -1 before the handshake */
static bool joins;

static void stop(const char *why) {
  perror(why);
  exit(1);
}

static void drop(int fd) {
  if (room_of[fd] >= 0) {
    struct room *room = &rooms[room_of[fd]];
    for (int i = 0; i < room->count; i++)
      if (room->members[i] == fd) room->members[i--] = room->members[--room->count];
  }
  room_of[fd] = -1;
  close(fd);
}

static void put(int fd, const void *bytes, size_t size) {
  if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size) drop(fd); /* too slow */
}

static void enter(int fd, char *request) {
  static const char answer[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: unchecked\r\n\r\n";
  int number = atoi(strchr(request, '/') + 1);
  struct room *room = &rooms[number % ROOMS];
  if (room->count == room->has_room) {
    room->has_room = room->has_room * 2 + 16;
    room->members = realloc(room->members, room->has_room * sizeof *room->members);
    if (!room->queue) room->queue = malloc(QUEUE_BYTES);
    if (!room->members || !room->queue) stop("memory");
  }
  room->members[room->count++] = fd;
  room_of[fd] = number % ROOMS;
  put(fd, answer, sizeof answer - 1);
}

static void flush_room(struct room *room) {
  for (int i = room->count; i-- > 0;) put(room->members[i], room->queue, room->queued);
  room->queued = 0;
}

static void broadcast(struct room *room, const uint8_t *text, size_t size) {
  if (room->queued + size + 4 > QUEUE_BYTES) flush_room(room);
  uint8_t *frame = room->queue + room->queued;
  size_t head = size < 126 ? 2 : 4;
  frame[0] = 0x81;
  frame[1] = size < 126 ? size : 126;
  if (head == 4) frame[2] = size >> 8, frame[3] = size;
  memcpy(frame + head, text, size);
  room->queued += head + size;
  if (!joins) flush_room(room);
}

static void hear(int fd) {
  static uint8_t buffer[READ_BYTES + 1];
  ssize_t size = recv(fd, buffer, READ_BYTES, 0);
  if (size <= 0) {
    if (size == 0 || errno != EAGAIN) drop(fd);
    return;
  }
  buffer[size] = 0;
  if (room_of[fd] < 0) {
    enter(fd, (char *)buffer);
    return;
  }
  for (uint8_t *b = buffer, *end = buffer + size; end - b >= 6;) {
    size_t length = b[1] & 127, head = 6;
    if (length == 126) length = b[2] << 8 | b[3], head = 8;
    if ((size_t)(end - b) < head + length) break; /* the load writes whole frames */
    for (size_t i = 0; i < length; i++) b[head + i] ^= b[head - 4 + i % 4];
    if ((b[0] & 15) == 1 && room_of[fd] >= 0)
      broadcast(&rooms[room_of[fd]], b + head, length);
    b += head + length;
  }
}

static int listen_on(int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (void *)&at, sizeof at) || listen(fd, 1024)) stop("listen");
  return fd;
}

static void welcome(int epoll, int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct epoll_event wish = {.events = EPOLLIN, .data.fd = fd};
    if (fd >= MOST) stop("too many");
    room_of[fd] = -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wish);
  }
}

int main(int count, char **arguments) {
  static struct epoll_event events[EVENTS];
  if (count < 2) return 2;
  joins = count > 2;
  int epoll = epoll_create1(0), listener = listen_on(atoi(arguments[1]));
  struct epoll_event wish = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wish);
  for (;;) {
    int ready = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) welcome(epoll, listener);
      else hear(events[i].data.fd);
    }
    for (int i = 0; joins && i < ROOMS; i++)
      if (rooms[i].queued) flush_room(&rooms[i]);
  }
}
