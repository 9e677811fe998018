// How fast bytes go, and how many to send at once: about a second's worth, so that a slow
// line shows progress and a cut costs little.

const FIRST = 256 * 1024; // bytes
const LEAST = 64 * 1024;
const MEMORY = 0.7; // how much of the old speed stays with each new one

export class Pace {
  speed = 0; // bytes in a second
  #most;

  constructor(most) {
    this.#most = most;
  }

  get bytes() {
    const wished = this.speed || FIRST;
    return Math.floor(Math.min(this.#most, Math.max(LEAST, wished)));
  }

  took(bytes, milliseconds) {
    const speed = (1000 * bytes) / Math.max(milliseconds, 1);
    this.speed = this.speed ? MEMORY * this.speed + (1 - MEMORY) * speed : speed;
  }

  // Of what is left; unknown at first.
  seconds(bytes) {
    return this.speed ? bytes / this.speed : null;
  }
}
