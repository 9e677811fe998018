// One upload on the server, spoken to in tus 1.0 (https://tus.io/protocols/resumable-upload)
// with its checksums and termination. No memory and no patience: see upload.js.

export class Refused extends Error {
  // `seconds` until another try may help, when the server said so.
  constructor(status, { code = "", reason = "", seconds = 0 } = {}) {
    super(`${status} ${code}`);
    Object.assign(this, { status, code, reason, seconds });
  }
}

export class Tus {
  #path;
  #token;

  // `token` returns the page's CSRF token.
  constructor(path, token) {
    this.#path = path;
    this.#token = token;
  }

  // How many bytes the server has.
  async offset(signal) {
    return offsetOf(await this.#ask("HEAD", { signal }));
  }

  // Adds bytes where the server's end; returns where they end now. `digests` are base64
  // SHA-256: of the piece, and of the whole file with its last piece.
  async append(offset, piece, digests, signal) {
    const headers = {
      "Content-Type": "application/offset+octet-stream",
      "Upload-Offset": String(offset),
      "Upload-Checksum": `sha256 ${digests.piece}`,
    };
    if (digests.whole) headers["Upload-File-Checksum"] = `sha256 ${digests.whole}`;
    return offsetOf(await this.#ask("PATCH", { headers, body: piece, signal }));
  }

  async terminate(signal) {
    await this.#ask("DELETE", { signal });
  }

  async #ask(method, { headers = {}, body, signal }) {
    const answer = await fetch(this.#path, {
      method, body, signal,
      cache: "no-store",
      redirect: "manual", // to the welcome page: this browser is nobody there any more
      headers: {
        ...headers, Accept: "application/json", "Tus-Resumable": "1.0.0", "X-CSRFToken": this.#token(),
      },
    });
    if (!answer.ok) throw await refusalOf(answer);
    return answer;
  }
}

function offsetOf(answer) {
  const offset = Number(answer.headers.get("Upload-Offset") ?? NaN);
  if (!Number.isSafeInteger(offset)) throw new Refused(502); // something in between spoke
  return offset;
}

async function refusalOf(answer) {
  const { code, reason } = await answer.json().catch(() => ({}));
  const seconds = Number(answer.headers.get("Retry-After")) || 0;
  return new Refused(answer.status || 404, { code, reason, seconds });
}
