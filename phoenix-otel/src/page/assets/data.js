// The history of the service, and the rates and quantiles that are computed from it.

/** The window of rates and quantiles, in milliseconds. */
const WINDOW = 10_000;
/** A longer time between two samples during an outage means that samples are missing: an open page has one every two seconds. */
const MISSED = 5_000;
/** The maximum number of kept numbers, which take about 16 MB. With more series, fewer samples fit. */
const MOST_CELLS = 2_000_000;
/** The longest range that can be selected, plus the window of its oldest rate. */
const KEPT = 62 * 60_000;

export class Store {
  constructor() {
    this.times = [];
    /** The run of the service that each sample belongs to. Rates are not computed across a restart. */
    this.runs = [];
    this.run = 0;
    /** Each series with its metric, its labels, and a list of values for each of its slots. */
    this.series = new Map();
    /** The periods in which the page got no response: `{ from, to, isOver }`. */
    this.outages = [];
    /** The times at which the service was started again. */
    this.restarts = [];
    /** The number of series that did not fit the history of the service. */
    this.leftOut = 0;
    this.restart();
  }

  /** Drops the state of the current instance, but keeps the samples. */
  restart() {
    this.instance = '';
    this.frame = -1;
    this.metrics = [];
    this.bySlot = [];
    this.known = 0;
    this.now = [];
    this.run += 1;
  }

  get query() {
    const frame = this.frame < 0 ? '' : this.frame;
    return `instance=${encodeURIComponent(this.instance)}&frame=${frame}&series=${this.known}`;
  }

  get last() {
    return this.times[this.times.length - 1];
  }

  /** Adds a response. Returns whether the service was restarted since the last one. */
  take(answer) {
    const restarted = this.instance !== '' && this.instance !== answer.instance;
    const history = answer.history;
    if (!history) {
      this.instance = answer.instance;
      return restarted;
    }
    if (!history.continues) {
      if (restarted) this.restarts.push(answer.started);
      // The same instance sends its frames from the start again, and they include those that were kept.
      if (!restarted && this.instance !== '') this.forgetRun();
      this.restart();
      this.instance = answer.instance;
    }
    this.leftOut = history.left_out ?? 0;
    this.metrics = history.metrics;
    for (const series of history.series) this.add(series);
    if (history.base?.at) {
      this.now = history.base.values.slice();
      this.push(history.base.at);
    }
    for (const [at, ...changes] of history.frames) {
      for (let i = 0; i < changes.length; i += 2) this.now[changes[i]] = (this.now[changes[i]] ?? 0) + changes[i + 1];
      this.push(at);
    }
    this.frame = history.next;
    this.trim();
    return restarted;
  }

  add({ metric, labels, slot, slots, scale }) {
    this.known += 1;
    const { name, bounds } = this.metrics[metric];
    const key = JSON.stringify([name, labels, bounds]);
    if (!this.series.has(key)) {
      const empty = () => this.runs.map((run) => (run === this.run ? 0 : NaN));
      this.series.set(key, { key, labels, scale, columns: Array.from({ length: slots }, empty) });
    }
    const series = this.series.get(key);
    // A series that is recorded later in a run than other series was 0 until then.
    if (series.run !== this.run) {
      const first = this.runs.indexOf(this.run);
      if (first >= 0) series.columns.forEach((column) => column.fill(0, first));
    }
    series.metric = this.metrics[metric];
    series.run = this.run;
    this.bySlot.push({ series, slot });
  }

  push(at) {
    if (this.times.length && at <= this.last && this.runs[this.runs.length - 1] === this.run) return;
    this.times.push(at);
    this.runs.push(this.run);
    const seen = new Set();
    for (const { series, slot } of this.bySlot) {
      seen.add(series);
      series.columns.forEach((column, i) => column.push((this.now[slot + i] ?? 0) / series.scale));
    }
    for (const series of this.series.values()) {
      if (!seen.has(series)) series.columns.forEach((column) => column.push(NaN));
    }
  }

  forgetRun() {
    const first = this.runs.indexOf(this.run);
    if (first < 0) return;
    this.times.length = first;
    this.runs.length = first;
    for (const series of this.series.values()) series.columns.forEach((column) => (column.length = first));
  }

  trim() {
    let width = 1;
    for (const series of this.series.values()) width += series.columns.length;
    const most = Math.max(2, Math.floor(MOST_CELLS / width));
    let drop = Math.max(0, this.times.length - most);
    while (drop < this.times.length - 1 && this.times[drop] < this.last - KEPT) drop += 1;
    // Drops larger chunks, because each drop moves all kept values.
    if (drop === 0 || (drop < 64 && this.times.length <= most)) return;
    this.times.splice(0, drop);
    this.runs.splice(0, drop);
    for (const [key, series] of this.series) {
      series.columns.forEach((column) => column.splice(0, drop));
      if (series.run !== this.run && series.columns[0].every(Number.isNaN)) this.series.delete(key);
    }
    this.outages = this.outages.filter(({ to }) => to > this.times[0]);
    this.restarts = this.restarts.filter((at) => at > this.times[0]);
  }

  /** The calls of a group: `{ role: [series] }`, by family and by the labels that identify the call. */
  calls(group) {
    const calls = new Map();
    for (const series of this.series.values()) {
      if (series.metric.group !== group) continue;
      const { role, family } = series.metric;
      if (group === 'routes' && role === 'active') continue;
      const labels = { ...series.labels };
      // The status and the error type describe the outcome of a call; they do not identify it.
      if (role === 'requests' || role === 'duration') delete labels.status;
      if (role === 'errors') delete labels.error_type;
      const id = JSON.stringify([group, family, Object.entries(labels).sort()]);
      if (!calls.has(id)) calls.set(id, { id, group, family, labels, requests: [], duration: [], errors: [], active: [] });
      calls.get(id)[role]?.push(series);
    }
    return [...calls.values()];
  }

  /** The series of a group that pass a test. */
  of(group, test = () => true) {
    return [...this.series.values()].filter((series) => series.metric.group === group && test(series.metric, series));
  }

  /** Whether a series exists at the end of a range. A series of an earlier run does not. */
  existsAt(series, [, to]) {
    return !Number.isNaN(series.columns[0][to - 1]);
  }

  /** The indexes of a time range in `times`: the first, and the one after the last. */
  range(from, to) {
    return [lower(this.times, from), lower(this.times, to + 1)];
  }

  /** Whether a sample follows the one before it: no restart and no missing samples are between them. */
  follows(at) {
    if (at <= 0 || this.runs[at - 1] !== this.runs[at]) return false;
    const [start, end] = [this.times[at - 1], this.times[at]];
    const passed = end - start;
    if (passed > MISSED && this.outages.some(({ from, to }) => from < end && to > start)) return false;
    // The service may be scraped once a minute. So the usual time between two samples is that of the neighbours.
    const usual = Math.max(at > 1 ? start - this.times[at - 2] : 0, at + 1 < this.times.length ? this.times[at + 1] - end : 0);
    return passed <= Math.max(WINDOW, 3 * usual) || usual === 0;
  }

  /** The samples of a range, where their lines break, and what happened. `span` is the drawn time. */
  timeline([first, end], [from, to], outages = this.outages) {
    const breaks = [];
    for (let at = first + 1; at < end; at += 1) if (!this.follows(at)) breaks.push(at - first);
    return {
      times: this.times.slice(first, end),
      from,
      to,
      breaks,
      outages: outages.filter((outage) => outage.to > from && outage.from < to),
      restarts: this.restarts.filter((at) => at > from && at < to),
    };
  }

  /** The index at which the window of a sample starts, or -1. */
  before(at) {
    if (!this.follows(at)) return -1;
    let back = at - 1;
    while (this.times[at] - this.times[back] < WINDOW && this.follows(back)) back -= 1;
    return back;
  }

  /** The increase per second at each sample of a range, of the series that exist at the sample; null if none does. */
  rates(columns, [from, to]) {
    const rates = [];
    for (let at = from; at < to; at += 1) {
      const back = this.before(at);
      const rise = back < 0 ? null : sum(columns, (column) => column[at] - column[back]);
      rates.push(rise === null ? null : Math.max(0, rise / ((this.times[at] - this.times[back]) / 1000)));
    }
    return rates;
  }

  /** The sum of values at each sample of a range, of the series that exist at the sample; null if none does. */
  values(columns, [from, to]) {
    const values = [];
    for (let at = from; at < to; at += 1) values.push(sum(columns, (column) => column[at]));
    return values;
  }

  /** The quantiles of histograms with equal bounds at each sample of a range: one list for each quantile. */
  quantiles(series, quantiles, [from, to]) {
    const lists = quantiles.map(() => []);
    const bounds = series[0]?.metric.bounds;
    for (let at = from; at < to; at += 1) {
      const back = this.before(at);
      const counts = back < 0 || !bounds ? null : this.counts(series, at, back);
      quantiles.forEach((q, i) => lists[i].push(counts ? quantile(q, bounds, counts) : null));
    }
    return lists;
  }

  /** The number of observations in each bucket between two samples. */
  counts(series, at, back) {
    const counts = new Array(series[0].columns.length).fill(0);
    for (const { columns } of series) {
      columns.forEach((column, i) => (counts[i] += Math.max(0, column[at] - column[back]) || 0));
    }
    return counts;
  }
}

/** A quantile, computed as `histogram_quantile` of Prometheus does. */
export function quantile(q, bounds, counts) {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return null;
  const rank = q * all;
  let below = 0;
  for (let i = 0; i < bounds.length; i += 1) {
    if (below + counts[i] >= rank && counts[i] > 0) {
      const low = i === 0 ? Math.min(0, bounds[0]) : bounds[i - 1];
      return low + (bounds[i] - low) * ((rank - below) / counts[i]);
    }
    below += counts[i];
  }
  return bounds[bounds.length - 1] ?? null;
}

/** The sum over the columns that have a value; null if none has. */
function sum(columns, value) {
  let all = null;
  for (const column of columns) {
    const one = value(column);
    if (Number.isFinite(one)) all = (all ?? 0) + one;
  }
  return all;
}

function lower(times, wanted) {
  let [from, to] = [0, times.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (times[middle] < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}

export const columns = (series) => series.map((one) => one.columns[0]);
export const newest = (list) => (list.length ? list[list.length - 1] : null);
