// Times and sizes in the page's language and the reader's time zone.

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" });
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const UNITS = ["B", "KB", "MB", "GB"];

export const formatClock = (date) => clock.format(date);
export const formatDay = (date) => day.format(date);
export const formatFull = (date) => full.format(date);

export function formatSize(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${number.format(bytes / 1024 ** power)} ${UNITS[power]}`;
}
