// Times and sizes in the page's language and the reader's time zone.

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
const short = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const lasting = (unit) => new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: 0 });
const spans = [["hour", 3600], ["minute", 60], ["second", 1]].map(([unit, seconds]) => [lasting(unit), seconds]);
const UNITS = ["B", "KB", "MB", "GB"];

export const formatClock = (date) => clock.format(date);
export const formatDay = (date) => day.format(date);
export const formatFull = (date) => full.format(date);
export const formatShort = (date) => short.format(date);

export function formatSize(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${number.format(bytes / 1024 ** power)} ${UNITS[power]}`;
}

// How long, roughly: in one unit.
export function formatSeconds(seconds) {
  const [format, unit] = spans.find(([, length]) => seconds >= 1.5 * length) ?? spans.at(-1);
  return format.format(Math.max(1, Math.round(seconds / unit)));
}

// A name apart from its ending, which must be seen when the rest is cut.
export function splitName(name) {
  const at = name.lastIndexOf(".");
  const isEnding = at > 0 && name.length - at <= 12;
  return isEnding ? [name.slice(0, at), name.slice(at)] : [name, ""];
}
