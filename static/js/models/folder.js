// A folder of the person's own that the browser lets this page write to, remembered from
// visit to visit (https and localhost, in Chromium's family).

import { Hashing } from "../lib/hashing.js";

const ACCESS = { mode: "readwrite" };

export class Folder {
  static isOffered = Boolean(globalThis.showDirectoryPicker);
  isAllowed = false;
  #handle = null;
  #key;
  #opened;
  #hashingPath;

  // `opening` is a promise of a store of handles by `key`; it may be rejected.
  constructor(key, opening, hashingPath) {
    this.#key = key;
    this.#opened = opening.catch(() => null);
    this.#hashingPath = hashingPath;
  }

  get name() {
    return this.#handle?.name ?? "";
  }

  // The folder of the last visit; the browser may want to be asked again.
  async load() {
    const store = await this.#opened;
    const records = await store?.allWith(this.#key).catch(() => []);
    this.#handle ??= records?.[0]?.handle ?? null;
    this.isAllowed = (await this.#handle?.queryPermission(ACCESS)) === "granted";
  }

  async choose() {
    try {
      this.#handle = await showDirectoryPicker(ACCESS);
    } catch {
      return; // nothing was chosen
    }
    this.isAllowed = true;
    const store = await this.#opened;
    await store?.put({ key: this.#key, handle: this.#handle }).catch(() => {});
  }

  async allow() {
    this.isAllowed = (await this.#handle.requestPermission(ACCESS)) === "granted";
  }

  // The whole file under its name, or a free one like it; rejects and leaves nothing
  // behind when the bytes are not those that the server vouches for.
  async save({ name, path, sha256 }) {
    const answer = await fetch(`${path}?look`); // a receipt is sent once it is kept
    if (!answer.ok) throw new Error(String(answer.status));
    const free = await this.#freeName(name);
    const handle = await this.#handle.getFileHandle(free, { create: true });
    try {
      await answer.body.pipeTo(await handle.createWritable());
      if ((await this.#sha256Of(await handle.getFile())) !== sha256) throw new Error("mismatch");
    } catch (failure) {
      await this.#handle.removeEntry(free).catch(() => {});
      throw failure;
    }
  }

  // Read back from the disk.
  async #sha256Of(file) {
    const hashing = new Hashing(this.#hashingPath, file);
    try {
      const { whole } = await hashing.digests(file.size, file.size);
      return Array.from(atob(whole), (sign) => sign.charCodeAt().toString(16).padStart(2, "0")).join("");
    } finally {
      hashing.end();
    }
  }

  async #freeName(name) {
    const at = name.lastIndexOf(".") > 0 ? name.lastIndexOf(".") : name.length;
    for (let n = 1; ; n += 1) {
      const free = n === 1 ? name : `${name.slice(0, at)} (${n})${name.slice(at)}`;
      const isTaken = await this.#handle.getFileHandle(free).then(() => true, () => false);
      if (!isTaken) return free;
    }
  }
}
