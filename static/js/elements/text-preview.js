// The beginning of a text file, loaded when somebody opens it, and shown as text only.

export class TextPreview extends HTMLElement {
  connectedCallback() {
    this.controller = new AbortController();
    this.details = this.querySelector("details");
    this.details.addEventListener("toggle", () => this.#opened(), { signal: this.controller.signal });
  }

  disconnectedCallback() {
    this.controller.abort();
  }

  async #opened() {
    const text = this.querySelector("[data-preview]");
    if (!this.details.open || text.textContent) return;
    text.setAttribute("aria-busy", "true");
    try {
      text.textContent = await this.#load(Number(text.dataset.bytes));
    } catch {
      this.querySelector("[data-failure]").hidden = false;
      this.details.addEventListener("toggle", () => this.#hideFailure(), { once: true });
    } finally {
      text.removeAttribute("aria-busy");
    }
  }

  async #load(bytes) {
    const { path } = this.closest("[data-path]").dataset;
    const answer = await fetch(`${path}?look`, { headers: { Range: `bytes=0-${bytes - 1}` } });
    if (!answer.ok) throw new Error(String(answer.status));
    return new TextDecoder().decode(await answer.arrayBuffer());
  }

  #hideFailure() {
    this.querySelector("[data-failure]").hidden = true;
  }
}
