// The digests of one file, made by a worker beside the page.

// The file was moved, changed or deleted since it was chosen.
export class Unreadable extends Error {
  name = "Unreadable";
}

export class Hashing {
  #worker;
  #asked = new Map();
  #count = 0;

  constructor(path, file) {
    this.#worker = new Worker(path, { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => this.#answered(data));
    this.#worker.addEventListener("error", () => this.#broken());
    this.#worker.postMessage({ file });
  }

  // Resolves to { piece, whole }: base64 SHA-256 of the bytes from `start` to `end`, and
  // of the whole file when they are its last. Rejects with Unreadable.
  digests(start, end) {
    this.#count += 1;
    this.#worker.postMessage({ id: this.#count, start, end });
    return new Promise((resolve, reject) => this.#asked.set(this.#count, { resolve, reject }));
  }

  end() {
    this.#worker.terminate();
    this.#asked.clear();
  }

  #answered({ id, isUnreadable, ...digests }) {
    const { resolve, reject } = this.#asked.get(id);
    this.#asked.delete(id);
    if (isUnreadable) reject(new Unreadable());
    else resolve(digests);
  }

  #broken() {
    for (const { reject } of this.#asked.values()) reject(new Unreadable());
    this.#asked.clear();
  }
}
