// A WebSocket that comes back by itself. Knows no frame types: it tells "open", "frame",
// "lost" and "ended", and notices a dead line by silence.

const FIRST_PAUSE = 500; // ms
const LONGEST_PAUSE = 8000;
const SILENCE = 20000;
const LOOK_EVERY = 2000;
const PROVEN = 1000; // a line that carried frames for so long is good
export const SESSION_ENDED = 4401;
export const TOO_MANY_SOCKETS = 4409;
const FINAL_CODES = new Set([SESSION_ENDED, 4403, 4404, TOO_MANY_SOCKETS]);

export class Socket extends EventTarget {
  #url;
  #socket = null;
  #attempts = 0;
  #timer = null;
  #watch = null;
  #openedAt = 0;
  #heardAt = 0;
  #ended = false;

  constructor(path) {
    super();
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    clearTimeout(this.#timer);
    if (this.#ended || this.#socket) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#heard(event));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
    clearInterval(this.#watch);
    this.#watch = setInterval(() => this.#check(), LOOK_EVERY);
  }

  // Try again now: the network or the page came back.
  wake() {
    if (this.#socket) this.#check();
    else this.connect();
  }

  send(frame) {
    if (this.isOpen) this.#socket.send(JSON.stringify(frame));
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#socket?.close();
  }

  #opened() {
    this.#openedAt = this.#heardAt = Date.now();
    this.dispatchEvent(new Event("open"));
  }

  #heard(event) {
    this.#heardAt = Date.now();
    if (this.#heardAt - this.#openedAt >= PROVEN) this.#attempts = 0;
    this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(event.data) }));
  }

  #check() {
    if (Date.now() - this.#heardAt > SILENCE) this.#closed(this.#socket, 1006);
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearInterval(this.#watch);
    socket.close();
    if (FINAL_CODES.has(code)) this.#ended = true;
    this.dispatchEvent(new CustomEvent(this.#ended ? "ended" : "lost", { detail: { code } }));
    if (!this.#ended) this.#timer = setTimeout(() => this.connect(), this.#pause());
  }

  // Full jitter: a thousand browsers that lost one server do not return as one. A server
  // that takes them and fails at once is not asked without pause either.
  #pause() {
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#attempts);
    this.#attempts += 1;
    return FIRST_PAUSE / 5 + Math.random() * most;
  }
}
