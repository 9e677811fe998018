// A time of the server's, on the reader's own clock.

import { formatFull, formatShort } from "../lib/formats.js";

export class LocalTime extends HTMLElement {
  connectedCallback() {
    const time = this.querySelector("time");
    const date = new Date(time.dateTime);
    time.textContent = formatShort(date);
    time.title = formatFull(date);
  }
}
