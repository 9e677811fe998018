// One message with files, posted by the form's own address, with progress and cancel.

export class Upload extends EventTarget {
  #request = null;

  constructor(form, { clientId, body, files }) {
    super();
    this.url = form.action;
    this.fields = new FormData();
    this.fields.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    this.fields.set("client_id", clientId);
    this.fields.set("body", body);
    for (const file of files) this.fields.append("files", file, file.name);
  }

  start() {
    const request = new XMLHttpRequest();
    this.#request = request;
    request.open("POST", this.url);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => this.#progressed(event));
    request.addEventListener("load", () => this.#answered());
    request.addEventListener("error", () => this.#tell("failed", { reason: "" }));
    request.addEventListener("abort", () => this.#tell("cancelled"));
    request.send(this.fields);
  }

  cancel() {
    this.#request?.abort();
  }

  #progressed(event) {
    if (event.lengthComputable) {
      this.#tell("progress", { percent: Math.floor((100 * event.loaded) / event.total) });
    }
  }

  #answered() {
    const { status, response } = this.#request;
    if (status === 201) this.#tell("posted", { events: response.events });
    else this.#tell("failed", { reason: response?.reason ?? "" });
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
