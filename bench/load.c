/* The load: many WebSocket connections in one thread, and what each of them received.
 *
 *     load PLAN
 *
 * PLAN is a file of lines, fields parted by tabs, "\r" and "\n" written as escapes:
 *
 *     post    <frame to send; $TEXT is the message, $UUID a fresh id>
 *     ready   <a connection is ready when a frame begins so; without one, at once>
 *     answer  <when a frame begins so>  <send this>
 *     join    <room>  <port>  <handshake request>  <first frame, may be empty>
 *
 * Once all are connected it says so, and obeys these lines on stdin:
 *
 *     saturate <senders in a room> <in flight per sender> <warm s> <s> <bytes>
 *     pace     <senders in a room> <messages/s>           <warm s> <s> <bytes>
 *
 * A saturating sender sends its next message when it has received its own last one.
 * Every answer is one line of JSON: "ready", then per command "begin" and "end" (the
 * measured seconds) and "result" (after all arrived, or nothing more did).
 *
 * A message carries a mark, ~<run>.<sender>.<number>. , which is counted wherever it
 * occurs: so a frame may hold several messages, and each message must hold its mark once.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PENDING_MOST = 32, EVENTS = 512, READ_BYTES = 1 << 20, TEXT_MOST = 8192 };
enum { CONNECT_SECONDS = 180, QUIET_MS = 500, SETTLE_SECONDS = 20 };
enum { DRAIN_IDLE_SECONDS = 6, DRAIN_SECONDS = 40, RULES = 8, STUCK_MS = 5000 };
enum state { NEW, SHAKING, OPEN, READY, CLOSED };

struct seen { /* what one connection has of one sender: the last, and 64 before it */
  uint32_t last;
  uint64_t bits;
};

struct connection {
  enum state state;
  int fd, room, port, sender;
  char *handshake, *first;
  uint8_t *part; /* an unfinished frame */
  size_t part_size, part_room;
  struct seen *seen;
  uint32_t last_order;
};

struct room {
  int size, open, senders;
  uint32_t order; /* how many different messages were seen in it */
};

struct message {
  int64_t sent_at;
  uint32_t seen, order;
  bool is_measured;
};

struct sender {
  int connection, room, local; /* local: its number within the room */
  uint32_t sent, has_room;
  struct message *messages;
};

struct rule { char *begins, *answer; };

static struct connection *connections;
static int connection_count, pending, open_count, ready_count, epoll;
static struct room *rooms;
static int room_count;
static struct sender *senders;
static int sender_count, next_sender;
static struct rule answers[RULES], ready_rules[RULES];
static int answer_count, ready_rule_count;
static char *post_frame;
static uint8_t buffer[READ_BYTES];
static int64_t heard_at;

static struct { /* the command that runs */
  int run, in_flight, bytes;
  double rate;
  bool is_running, is_measuring, is_sending;
  int64_t begin_at, end_at, next_at, busy_ns;
  double cpu_at_begin, cpu_share;
  uint64_t sent, complete, deliveries, acked, received_bytes, wake_ups;
  uint64_t measured_sent, expected, seen;
  uint64_t doubled, disordered, strange, stale;
  int closed_at_begin;
  double *latencies;
  size_t latency_count, latency_room;
} now_running;
#define R now_running
static int closed_count;

static void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

static void *grown(void *old, size_t bytes) {
  void *memory = realloc(old, bytes);
  if (!memory) die("load: out of memory");
  return memory;
}

static int64_t now(void) { /* nanoseconds */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
         (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The plan */

static char *unescaped(const char *text) {
  char *copy = strdup(text), *to = copy;
  for (const char *from = copy; *from; from++) {
    if (from[0] == '\\' && (from[1] == 'r' || from[1] == 'n'))
      *to++ = *++from == 'r' ? '\r' : '\n';
    else
      *to++ = *from;
  }
  *to = 0;
  return copy;
}

static void plan_join(char *fields) {
  if (connection_count % 1024 == 0)
    connections = grown(connections, (connection_count + 1024) * sizeof *connections);
  struct connection *c = &connections[connection_count++];
  memset(c, 0, sizeof *c);
  c->fd = c->sender = -1;
  c->room = atoi(strsep(&fields, "\t"));
  c->port = atoi(strsep(&fields, "\t"));
  c->handshake = unescaped(strsep(&fields, "\t"));
  c->first = fields && *fields ? unescaped(fields) : NULL;
  while (c->room >= room_count) {
    rooms = grown(rooms, (room_count + 1) * sizeof *rooms);
    memset(&rooms[room_count++], 0, sizeof *rooms);
  }
  rooms[c->room].size++;
}

static void read_plan(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) die("load: no plan at %s", path);
  char *line = NULL;
  size_t line_room = 0;
  ssize_t size;
  while ((size = getline(&line, &line_room, file)) > 0) {
    if (line[size - 1] == '\n') line[size - 1] = 0;
    char *fields = line, *key = strsep(&fields, "\t");
    if (!fields) continue;
    if (!strcmp(key, "join")) plan_join(fields);
    else if (!strcmp(key, "post")) post_frame = strdup(fields);
    else if (!strcmp(key, "ready") && ready_rule_count < RULES)
      ready_rules[ready_rule_count++].begins = strdup(fields);
    else if (!strcmp(key, "answer") && answer_count < RULES) {
      answers[answer_count].begins = strdup(strsep(&fields, "\t"));
      answers[answer_count++].answer = strdup(fields);
    } else die("load: no such line in the plan: %s", key);
  }
  free(line);
  fclose(file);
}

/* Out */

static void hang_up(struct connection *c) {
  if (c->state == CLOSED) return;
  if (c->state == SHAKING || c->state == OPEN) pending--;
  if (c->state == READY) rooms[c->room].open--, open_count--;
  c->state = CLOSED;
  closed_count++;
  close(c->fd);
  free(c->part);
  c->part = NULL;
}

static void put(struct connection *c, const void *bytes, size_t size) {
  const uint8_t *from = bytes;
  while (size && c->state != CLOSED) {
    ssize_t done = send(c->fd, from, size, MSG_NOSIGNAL);
    if (done > 0) {
      from += done;
      size -= done;
    } else if (done < 0 && errno == EAGAIN) {
      struct pollfd one = {c->fd, POLLOUT, 0};
      if (poll(&one, 1, STUCK_MS) <= 0) hang_up(c);
    } else if (errno != EINTR) {
      hang_up(c);
    }
  }
}

/* A masked frame; the mask is four zero bytes, which the RFC's arithmetic allows. */
static void put_frame(struct connection *c, int opcode, const char *text, size_t size) {
  uint8_t frame[TEXT_MOST + 14];
  size_t head = 2;
  if (size > TEXT_MOST) die("load: the frame is too long");
  frame[0] = 0x80 | opcode;
  if (size < 126) frame[1] = 0x80 | size;
  else {
    frame[1] = 0x80 | 126;
    frame[2] = size >> 8;
    frame[3] = size;
    head = 4;
  }
  memset(frame + head, 0, 4);
  memcpy(frame + head + 4, text, size);
  put(c, frame, head + 4 + size);
}

static size_t fill_text(char *to, int sender, uint32_t number) {
  static const char words[] = " A message of everyday length, as people write them;";
  size_t size = sprintf(to, "~%d.%d.%u.", R.run, sender, number);
  while (size < (size_t)R.bytes) {
    to[size] = words[size % (sizeof words - 1)];
    size++;
  }
  if (to[size - 1] == ' ') to[size - 1] = '.'; /* servers may trim a message */
  return size;
}

static size_t fill_frame(char *to, int sender, uint32_t number) {
  static uint64_t serial;
  char *start = to;
  if (!serial) serial = (uint64_t)now();
  for (const char *from = post_frame; *from;) {
    if (to - start > TEXT_MOST - R.bytes - 64) die("load: the message is too long");
    if (!strncmp(from, "$TEXT", 5)) {
      to += fill_text(to, sender, number);
      from += 5;
    } else if (!strncmp(from, "$UUID", 5)) {
      to += sprintf(to, "%08x-%04x-4000-8000-%012llx", (unsigned)getpid(), R.run,
                    (unsigned long long)(++serial & 0xffffffffffffULL));
      from += 5;
    } else *to++ = *from++;
  }
  return to - start;
}

static void post(int index) {
  struct sender *s = &senders[index];
  struct connection *c = &connections[s->connection];
  if (c->state != READY) return;
  if (++s->sent >= s->has_room) {
    s->has_room = s->has_room ? s->has_room * 2 : 256;
    s->messages = grown(s->messages, s->has_room * sizeof *s->messages);
  }
  char text[TEXT_MOST + 256];
  size_t size = fill_frame(text, index, s->sent);
  struct message *m = &s->messages[s->sent];
  *m = (struct message){.sent_at = now(), .is_measured = R.is_measuring};
  R.sent++;
  R.measured_sent += R.is_measuring;
  R.expected += rooms[s->room].open;
  put_frame(c, 1, text, size);
}

/* In */

static void keep_latency(double seconds) {
  if (R.latency_count == R.latency_room) {
    R.latency_room = R.latency_room ? R.latency_room * 2 : 4096;
    R.latencies = grown(R.latencies, R.latency_room * sizeof *R.latencies);
  }
  R.latencies[R.latency_count++] = seconds;
}

/* Whether this connection sees the sender's message for the first time. */
static bool is_first(struct seen *k, uint32_t number) {
  if (number > k->last) {
    uint32_t step = number - k->last;
    k->bits = (step < 64 ? k->bits << step : 0) | 1;
    k->last = number;
    return true;
  }
  uint32_t back = k->last - number;
  if (back > 63 || k->bits >> back & 1) return false;
  k->bits |= 1ULL << back;
  return true;
}

static void receive_mark(struct connection *c, int run, int sender, uint32_t number) {
  if (run != R.run) {
    R.stale++;
    return;
  }
  if (sender >= sender_count || senders[sender].room != c->room ||
      number > senders[sender].sent || number == 0) {
    R.strange++; /* of another room, or never sent */
    return;
  }
  struct sender *s = &senders[sender];
  struct message *m = &s->messages[number];
  if (!is_first(&c->seen[s->local], number)) {
    R.doubled++;
    return;
  }
  if (m->order == 0) m->order = ++rooms[c->room].order;
  if (m->order < c->last_order) R.disordered++;
  else c->last_order = m->order;
  R.seen++;
  R.deliveries += R.is_measuring;
  if (++m->seen == (uint32_t)rooms[c->room].open) {
    R.complete++;
    if (m->is_measured) keep_latency((now() - m->sent_at) / 1e9);
  }
  if (c->sender == sender) {
    R.acked += R.is_measuring;
    if (R.is_sending && R.in_flight) post(sender);
  }
}

static void read_marks(struct connection *c, const uint8_t *text, size_t size) {
  const uint8_t *end = text + size;
  while ((text = memchr(text, '~', end - text))) {
    uint32_t numbers[3] = {0};
    int count = 0;
    for (text++; text < end && count < 3; text++) {
      if (*text >= '0' && *text <= '9') numbers[count] = numbers[count] * 10 + *text - '0';
      else if (*text == '.') count++;
      else break;
    }
    if (count == 3) receive_mark(c, numbers[0], numbers[1], numbers[2]);
  }
}

static bool begins(const uint8_t *text, size_t size, const char *with) {
  size_t length = strlen(with);
  return size >= length && !memcmp(text, with, length);
}

static void become_ready(struct connection *c) {
  c->state = READY;
  pending--;
  open_count++;
  ready_count++;
  rooms[c->room].open++;
}

static void take_frame(struct connection *c, int opcode, const uint8_t *text, size_t size) {
  if (opcode == 8) {
    hang_up(c);
    return;
  }
  if (opcode == 9) put_frame(c, 10, (const char *)text, size);
  if (opcode > 2) return;
  for (int i = 0; i < ready_rule_count && c->state == OPEN; i++)
    if (begins(text, size, ready_rules[i].begins)) become_ready(c);
  for (int i = 0; i < answer_count; i++)
    if (begins(text, size, answers[i].begins))
      put_frame(c, 1, answers[i].answer, strlen(answers[i].answer));
  if (R.is_running) read_marks(c, text, size);
}

/* How many bytes of whole frames were taken. */
static size_t take_frames(struct connection *c, const uint8_t *bytes, size_t size) {
  size_t done = 0;
  while (size - done >= 2 && c->state != CLOSED) {
    const uint8_t *b = bytes + done;
    size_t head = 2, length = b[1] & 127;
    if (length == 126) head = 4;
    if (length == 127) head = 10;
    if (size - done < head) break;
    if (head > 2) {
      length = 0;
      for (size_t i = 2; i < head; i++) length = length << 8 | b[i];
    }
    if (size - done < head + length) break;
    take_frame(c, b[0] & 15, b + head, length);
    done += head + length;
  }
  return done;
}

static size_t take_handshake(struct connection *c, const uint8_t *bytes, size_t size) {
  const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
  if (!end) return 0;
  if (!begins(bytes, size, "HTTP/1.1 101")) {
    fprintf(stderr, "load: refused: %.*s\n", (int)(size < 60 ? size : 60), bytes);
    hang_up(c);
    return size;
  }
  c->state = OPEN;
  if (c->first) put_frame(c, 1, c->first, strlen(c->first));
  if (!ready_rule_count) become_ready(c);
  return end + 4 - bytes;
}

static void take_bytes(struct connection *c, const uint8_t *bytes, size_t size) {
  size_t done = 0;
  if (c->state == SHAKING) done = take_handshake(c, bytes, size);
  if (c->state == OPEN || c->state == READY) done += take_frames(c, bytes + done, size - done);
  if (c->state == CLOSED) return;
  size_t left = size - done;
  if (left > c->part_room) {
    c->part_room = left * 2;
    c->part = grown(c->part, c->part_room);
  }
  if (left) memmove(c->part, bytes + done, left);
  c->part_size = left;
}

static void hear(struct connection *c) {
  size_t kept = c->part_size;
  if (kept > READ_BYTES / 2) die("load: a frame is too long");
  if (kept) memcpy(buffer, c->part, kept);
  ssize_t size = recv(c->fd, buffer + kept, READ_BYTES - kept, 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    hang_up(c);
    return;
  }
  R.received_bytes += R.is_measuring ? size : 0;
  take_bytes(c, buffer, kept + size);
}

static void connect_one(struct connection *c, int index) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(c->port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  c->state = SHAKING;
  pending++;
  if (c->fd < 0) die("load: no more sockets: %s (ulimit -n?)", strerror(errno));
  if (connect(c->fd, (void *)&to, sizeof to) < 0) {
    hang_up(c);
    return;
  }
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event wish = {.events = EPOLLIN, .data.u32 = index};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &wish);
  put(c, c->handshake, strlen(c->handshake));
}

/* Wait for events. While measuring it never sleeps: waking a sleeping core is the
 * sender's work, and would be on the server's bill. */
static int wait_for_events(struct epoll_event *events, int wait_ms) {
  int64_t until = now() + wait_ms * 1000000LL;
  int count = epoll_wait(epoll, events, EVENTS, R.is_running ? 0 : wait_ms);
  while (!count && R.is_running && now() < until)
    count = epoll_wait(epoll, events, EVENTS, 0);
  return count;
}

/* One turn: what came within `wait_ms`. Lines on stdin are left there. */
static void turn(int wait_ms) {
  static struct epoll_event events[EVENTS];
  int count = wait_for_events(events, wait_ms);
  int64_t start = now();
  if (count > 0) heard_at = start;
  R.wake_ups += R.is_measuring;
  for (int i = 0; i < count; i++) {
    struct connection *c = &connections[events[i].data.u32];
    if (c->state != CLOSED) hear(c);
  }
  if (R.is_measuring) R.busy_ns += now() - start;
}

/* Commands */

static void connect_all(void) {
  int64_t start = now(), most = start + CONNECT_SECONDS * 1000000000LL;
  int next = 0;
  while ((next < connection_count || pending) && now() < most) {
    while (next < connection_count && pending < PENDING_MOST) {
      connect_one(&connections[next], next);
      next++;
    }
    turn(10);
  }
  double seconds = (now() - start) / 1e9;
  most = now() + SETTLE_SECONDS * 1000000000LL;
  for (heard_at = now(); now() < most && now() - heard_at < QUIET_MS * 1000000LL;)
    turn(50);
  printf("{\"is\": \"ready\", \"ready\": %d, \"of\": %d, \"seconds\": %.2f}\n",
         ready_count, connection_count, seconds);
  fflush(stdout);
}

/* The senders of each room, spread over its members. */
static void choose_senders(int wanted) {
  int *met = calloc(room_count, sizeof *met);
  for (int i = 0; i < sender_count; i++) free(senders[i].messages);
  sender_count = next_sender = 0;
  for (int i = 0; i < room_count; i++) rooms[i].order = rooms[i].senders = 0;
  for (int i = 0; i < connection_count; i++) {
    struct connection *c = &connections[i];
    struct room *room = &rooms[c->room];
    int most = wanted < room->size ? wanted : room->size, place = met[c->room]++;
    c->sender = -1;
    c->last_order = 0;
    c->seen = grown(c->seen, most * sizeof *c->seen);
    memset(c->seen, 0, most * sizeof *c->seen);
    if ((int64_t)place * most / room->size == (int64_t)(place + 1) * most / room->size)
      continue;
    c->sender = sender_count++;
    senders = grown(senders, sender_count * sizeof *senders);
    senders[c->sender] =
        (struct sender){.connection = i, .room = c->room, .local = room->senders++};
  }
  free(met);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(double share) {
  if (!R.latency_count) return -1;
  size_t i = share * R.latency_count;
  return R.latencies[i < R.latency_count ? i : R.latency_count - 1];
}

static void say(const char *what) {
  printf("{\"is\": \"%s\"}\n", what);
  fflush(stdout);
}

static void report(double seconds) {
  qsort(R.latencies, R.latency_count, sizeof *R.latencies, compare);
  printf("{\"is\": \"result\", \"seconds\": %.4f, \"sent\": %llu, \"measured\": %llu, "
         "\"deliveries\": %llu, \"acked\": %llu, \"expected\": %llu, \"lost\": %lld, "
         "\"doubled\": %llu, \"disordered\": %llu, \"strange\": %llu, \"closed\": %d, "
         "\"bytes\": %llu, \"wake_ups\": %llu, \"load_cpu\": %.4f, "
         "\"load_busy\": %.4f, \"p50\": %.6f, \"p99\": %.6f, \"last\": %.6f, \"latencies\": [",
         seconds, (unsigned long long)R.sent, (unsigned long long)R.measured_sent,
         (unsigned long long)R.deliveries, (unsigned long long)R.acked,
         (unsigned long long)R.expected, (long long)(R.expected - R.seen),
         (unsigned long long)R.doubled, (unsigned long long)R.disordered,
         (unsigned long long)R.strange, closed_count - R.closed_at_begin,
         (unsigned long long)R.received_bytes, (unsigned long long)R.wake_ups,
         R.cpu_share, R.busy_ns / 1e9 / seconds, quantile(0.5), quantile(0.99), quantile(1));
  for (size_t i = 0; !R.in_flight && i < R.latency_count; i++)
    printf("%s%.6f", i ? ", " : "", R.latencies[i]);
  puts("]}");
  fflush(stdout);
}

static void send_what_is_due(int64_t at) {
  while (R.is_sending && !R.in_flight && at >= R.next_at) {
    post(next_sender);
    next_sender = (next_sender + 1) % sender_count;
    R.next_at += 1e9 / R.rate;
  }
}

static int wait_ms(int64_t at) {
  int64_t until = R.is_measuring ? R.end_at : R.begin_at;
  if (!R.in_flight && R.next_at < until) until = R.next_at;
  int64_t ms = (until - at) / 1000000;
  return ms < 0 ? 0 : ms > 50 ? 50 : ms;
}

static void send_and_measure(void) {
  if (R.in_flight)
    for (int n = 0; n < R.in_flight; n++)
      for (int i = 0; i < sender_count; i++) post(i);
  for (int64_t at = now(); at < R.end_at; at = now()) {
    if (!R.is_measuring && at >= R.begin_at) {
      say("begin");
      R.begin_at = now();
      R.cpu_at_begin = cpu_seconds();
      R.is_measuring = true;
    }
    send_what_is_due(at);
    turn(wait_ms(at));
  }
}

static void drain(void) {
  int64_t most = now() + DRAIN_SECONDS * 1000000000LL;
  uint64_t seen = R.seen;
  int64_t moved_at = now();
  while (R.seen < R.expected && now() < most &&
         now() - moved_at < DRAIN_IDLE_SECONDS * 1000000000LL) {
    turn(20);
    if (R.seen != seen) seen = R.seen, moved_at = now();
  }
  for (int64_t end = now() + 100000000; now() < end;) turn(20); /* for doubles */
}

static void run(int senders_in_a_room, double warm, double seconds) {
  choose_senders(senders_in_a_room);
  R.run++;
  R.closed_at_begin = closed_count;
  R.is_running = R.is_sending = true;
  R.next_at = now();
  R.begin_at = R.next_at + warm * 1e9;
  R.end_at = R.begin_at + seconds * 1e9;
  send_and_measure();
  double took = (now() - R.begin_at) / 1e9;
  R.cpu_share = (cpu_seconds() - R.cpu_at_begin) / took;
  R.is_measuring = R.is_sending = false;
  say("end");
  drain();
  report(took);
  R.is_running = false;
}

static void obey(char *line) {
  char verb[16];
  double second, warm, seconds;
  int in_a_room, run_number = R.run, bytes;
  if (sscanf(line, "%15s %d %lf %lf %lf %d", verb, &in_a_room, &second, &warm, &seconds,
             &bytes) != 6 || bytes > TEXT_MOST / 2)
    die("load: no such command: %s", line);
  free(R.latencies);
  memset(&R, 0, sizeof R);
  R.run = run_number;
  R.bytes = bytes;
  if (!strcmp(verb, "saturate")) R.in_flight = second;
  else R.rate = second;
  run(in_a_room, warm, seconds);
}

/* A whole line of stdin when one has come, else NULL. */
static char *next_line(void) {
  static char line[256];
  static size_t size;
  struct pollfd input = {STDIN_FILENO, POLLIN, 0};
  while (poll(&input, 1, 0) > 0) {
    if (read(STDIN_FILENO, line + size, 1) <= 0) exit(0);
    if (line[size] == '\n' || size == sizeof line - 1) {
      line[size] = 0;
      size = 0;
      return line;
    }
    size++;
  }
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 2) die("usage: load PLAN");
  read_plan(arguments[1]);
  epoll = epoll_create1(0);
  connect_all();
  for (;;) { /* between commands connections are still answered */
    char *line = next_line();
    if (line) obey(line);
    else turn(20);
  }
}
