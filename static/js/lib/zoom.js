// A picture in its stage: larger by steps, wheel, double click or two fingers; moved by
// dragging. Sizes are factors of the whole picture in the stage.

const STEP = 1.5;
const MOST = 8;
const STILL = 4; // px that a click may wander

export class Zoom {
  wasMoved = false; // by the last press
  #stage;
  #image;
  #pointers = new Map(); // where each finger, or the mouse, was last
  #first = null; // where the press began
  #scale = 1;
  #at = { x: 0, y: 0 };

  constructor(stage, image, signal) {
    this.#stage = stage;
    this.#image = image;
    const on = (type, act) => stage.addEventListener(type, act, { signal });
    on("wheel", (event) => this.#wheeled(event));
    on("dblclick", (event) => this.#zoom(this.#scale > 1 ? 0 : STEP ** 2, middle([event])));
    on("pointerdown", (event) => this.#pressed(event));
    on("pointermove", (event) => this.#moved(event));
    for (const type of ["pointerup", "pointercancel"]) on(type, (event) => this.#released(event));
  }

  reset() {
    this.#scale = 1;
    this.#at = { x: 0, y: 0 };
    this.#draw();
  }

  // 1 larger, -1 smaller, 0 the whole picture.
  step(direction) {
    this.#zoom(direction && STEP ** direction, this.#centre);
  }

  get #centre() {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }

  // What is under the point stays under it.
  #zoom(factor, point) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    if (scale === 1) return this.reset();
    const { x, y } = this.#centre;
    const grown = scale / this.#scale;
    this.#at.x += (point.x - x - this.#at.x) * (1 - grown);
    this.#at.y += (point.y - y - this.#at.y) * (1 - grown);
    this.#scale = scale;
    this.#draw();
  }

  #wheeled(event) {
    event.preventDefault();
    this.#zoom(STEP ** (-event.deltaY / 200), middle([event]));
  }

  #pressed(event) {
    if (!this.#pointers.size) this.#begun(event);
    this.#pointers.set(event.pointerId, event);
    if (this.#scale > 1 || this.#pointers.size > 1) this.#stage.setPointerCapture(event.pointerId);
  }

  #begun(event) {
    this.#first = event;
    this.wasMoved = false;
  }

  #moved(event) {
    const before = [...this.#pointers.values()];
    if (!this.#pointers.has(event.pointerId)) return;
    this.wasMoved ||= distance(event, this.#first) > STILL;
    this.#pointers.set(event.pointerId, event);
    const now = [...this.#pointers.values()];
    if (now.length > 1) this.#zoom(spread(now) / spread(before), middle(now));
    this.#pan(middle(before), middle(now));
  }

  #pan(before, now) {
    if (this.#scale === 1) return;
    this.#at.x += now.x - before.x;
    this.#at.y += now.y - before.y;
    this.#draw();
  }

  #released(event) {
    this.#pointers.delete(event.pointerId);
  }

  #draw() {
    this.#image.style.transform = `translate(${this.#at.x}px, ${this.#at.y}px) scale(${this.#scale})`;
    this.#stage.dataset.zoomed = String(this.#scale > 1);
  }
}

function middle(events) {
  const sum = (field) => events.reduce((total, event) => total + event[field], 0) / events.length;
  return { x: sum("clientX"), y: sum("clientY") };
}

function spread([one, other]) {
  return Math.max(1, distance(one, other));
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}
