// The browser's place in the room's order of changes.

export class Changes {
  constructor(change, epoch) {
    this.change = change;
    this.epoch = epoch;
  }

  // Returns the events to apply, or null when something before them is missing.
  take(frame) {
    if (frame.last <= this.change) return [];
    if (frame.first > this.change + 1) return null;
    this.change = frame.last;
    return frame.events;
  }
}
