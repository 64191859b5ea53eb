// Formats numbers and times for people: three significant digits, with units.

const digits = (value) => {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 99.95) return Math.round(value).toLocaleString('en');
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size >= 0.001) return value.toPrecision(2);
  return value.toExponential(1);
};

/** Removes trailing zeros, for the labels of an axis. */
export const short = (shown) => shown.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');

const missing = '–';
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

function scaled(value, steps, base) {
  let at = 0;
  while (at < steps.length - 1 && Math.abs(value) >= base) {
    value /= base;
    at += 1;
  }
  return `${digits(value)} ${steps[at]}`.trim();
}

export function seconds(value) {
  if (!isNumber(value)) return missing;
  const size = Math.abs(value);
  if (size === 0) return '0 s';
  if (size < 0.001) return `${digits(value * 1e6)} µs`;
  if (size < 1) return `${digits(value * 1e3)} ms`;
  if (size < 120) return `${digits(value)} s`;
  if (size < 7200) return `${digits(value / 60)} min`;
  if (size < 172800) return `${digits(value / 3600)} h`;
  return `${digits(value / 86400)} d`;
}

export function bytes(value) {
  return isNumber(value) ? scaled(value, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024) : missing;
}

export function count(value) {
  if (Number.isInteger(value) && Math.abs(value) < 10_000) return value.toLocaleString('en');
  return isNumber(value) ? scaled(value, ['', 'k', 'M', 'G', 'T'], 1000) : missing;
}

/** A rate per second; a low rate per minute. Rates that are shown together have the unit of `most`, the greatest of them. */
export function rate(value, most = value) {
  if (!isNumber(value)) return missing;
  return most > 0 && most < 0.1 ? `${digits(value * 60)}/min` : `${count(value)}/s`;
}

export function share(value) {
  if (!isNumber(value)) return missing;
  if (value === 0) return '0 %';
  return value < 0.0001 ? '< 0.01 %' : `${digits(value * 100)} %`;
}

export function dollars(value) {
  return isNumber(value) ? `$${value >= 100 ? digits(value) : value.toFixed(value < 0.01 ? 4 : 2)}` : missing;
}

/** A value with its UCUM unit. */
export function inUnit(value, unit) {
  if (!isNumber(value)) return value === undefined || value === null ? missing : String(value);
  if (unit === 's' || unit === 'seconds') return seconds(value);
  if (unit === 'By' || unit === 'bytes') return bytes(value);
  return Number.isInteger(value) ? value.toLocaleString('en') : digits(value);
}

/** The number itself, without the digits that are noise of its additions. */
export function exact(value) {
  return Number.isInteger(value) ? value.toLocaleString('en', { maximumFractionDigits: 0 }) : String(typeof value === 'number' ? Number(value.toPrecision(12)) : value);
}

export function clock(ms) {
  return new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

export function moment(ms) {
  return new Date(ms).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}

export function ago(ms) {
  const past = Math.max(0, ms / 1000);
  if (past < 60) return `${Math.round(past)} s`;
  if (past < 3600) return `${Math.round(past / 60)} min`;
  return past < 172800 ? `${(past / 3600).toFixed(1)} h` : `${Math.round(past / 86400)} d`;
}

/** Processor time per second. */
export function cores(value) {
  return isNumber(value) ? `${value.toFixed(2)} cores` : missing;
}

/** The UCUM unit of the numbers that a function formats. */
export const UNITS = new Map([[seconds, 's'], [bytes, 'By'], [count, '1'], [rate, '1/s'], [share, '1'], [dollars, '{USD}'], [cores, '{cpu}']]);
