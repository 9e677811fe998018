// Whose turn it is among the tabs of one person. Tabs wait in line, or go first: a tab in
// front of the person must not wait for one that the browser has put to sleep. Web Locks
// exist on https and localhost only; elsewhere everybody has the turn.

export class Turn extends EventTarget {
  isMine = false;
  #name;
  #release = null;
  #waiting = null;

  constructor(name) {
    super();
    this.#name = name;
  }

  ask({ first = false } = {}) {
    if (this.isMine) return;
    this.leave();
    this.#waiting = new AbortController();
    this.#hold(first ? { steal: true } : { signal: this.#waiting.signal });
  }

  // Give the turn to the next tab, or leave the line.
  leave() {
    this.isMine = false;
    this.#waiting?.abort();
    this.#release?.();
    this.#release = null;
  }

  async #hold(options) {
    const asking = this.#waiting;
    let isGranted = false;
    try {
      await navigator.locks.request(this.#name, options, () => {
        if (asking.signal.aborted) return;
        isGranted = true;
        return this.#begin();
      });
    } catch {
      if (asking.signal.aborted) return;
      this.isMine = false;
      if (isGranted) this.ask(); // another tab went first
      else this.#begin(); // no locks here
    }
  }

  #begin() {
    this.isMine = true;
    this.dispatchEvent(new Event("began"));
    return new Promise((release) => { this.#release = release; });
  }
}
