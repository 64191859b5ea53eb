// The tables of routes, functions and call sets: their numbers, the worst first.

import { columns, newest } from './data.js';
import { breakable, h, keyed, text } from './dom.js';
import { count, rate, seconds, share, UNITS } from './format.js';
import { spark } from './plots.js';

/** How often rows may be sorted again, in milliseconds. */
const SORT_EVERY = 10_000;
const QUANTILES = [0.5, 0.95, 0.99];
/** The number of rows that are shown at first. */
const MOST_ROWS = 50;

/** The displayed name of a route, a function or a call set. */
export function title(call) {
  const { method, route, ...others } = call.labels;
  // A gRPC method contains the path, and has no route.
  if (call.group === 'routes') return method?.includes('/') ? { name: method, detail: 'gRPC' } : { name: route || '(no route)', detail: method ?? '' };
  if (call.group === 'functions') return { name: method ?? call.family, detail: call.family };
  const labels = Object.entries(call.labels).map(([name, value]) => `${name}=${value}`);
  return { name: call.family.replace(/^phoenix\./, ''), detail: labels.join(', ') };
}

/** The instrumented functions of a call. Functions in several places can have one name. */
export function written(call, about) {
  return call.group === 'functions' ? (about?.functions ?? []).filter(({ method }) => method === call.labels.method) : [];
}

/** The crate of a path such as `crate::module::function` or `<crate::Type as crate::Trait>::function`. */
export const crateOf = (path) => /\w+(?=::)/.exec(path)?.[0] ?? path;

/** Whether a status is a failure: for HTTP 5xx, for gRPC the codes that the server is responsible for. */
const SERVERS_FAULT = ['unknown', 'deadline_exceeded', 'unimplemented', 'internal', 'unavailable', 'data_loss'];
export function isFailure(status) {
  return status === 'error' || status === 'panic' || /^5\d\d$/.test(status) || SERVERS_FAULT.includes(status?.toLowerCase());
}

/** The numbers of a call over a range. */
export function measure(store, call, range) {
  const all = store.rates(columns(call.requests), range);
  const failed = store.rates(columns(call.requests.filter((series) => isFailure(series.labels.status))), range);
  const failures = all.map((value, i) => (value === null ? null : failed[i] ?? 0));
  const shares = all.map((value, i) => (value > 0 ? failures[i] / value : failures[i]));
  return {
    rates: all,
    failures,
    shares,
    quantiles: store.quantiles(call.duration, QUANTILES, range),
    active: call.active.length ? store.values(columns(call.active), range) : null,
  };
}

/** The error types of a call with their current rates, the most frequent first. */
export function kinds(store, call, range) {
  const last = [Math.max(range[0], range[1] - 1), range[1]];
  const named = call.errors.map((series) => [series.labels.error_type ?? 'error', newest(store.rates(columns([series]), last)) ?? 0]);
  if (call.errors.length === 0) {
    for (const series of call.requests.filter((one) => isFailure(one.labels.status))) {
      named.push([series.labels.status, newest(store.rates(columns([series]), last)) ?? 0]);
    }
  }
  return named.filter(([, value]) => value > 0).sort((a, b) => b[1] - a[1]);
}

const COLUMNS = [
  ['name', 'Name'],
  ['rate', 'Rate'],
  ['errors', 'Errors'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['active', 'In flight'],
];

export class Calls {
  constructor(heading, groups, note, most = MOST_ROWS) {
    this.groups = groups;
    this.most = most;
    this.showsAll = false;
    // No metric has the requests in flight of one route.
    this.columns = COLUMNS.filter(([key]) => key !== 'active' || !groups.includes('routes'));
    this.sort = { by: 'worst', down: true };
    this.order = [];
    this.sorted = 0;
    this.body = h('tbody');
    this.heads = this.columns.map(([key, label]) => {
      const button = h('button', { type: 'button', onclick: () => this.sortBy(key) }, label);
      return h('th', { scope: 'col', class: `c-${key}` }, button);
    });
    this.worst = h('button', { type: 'button', class: 'plain', onclick: () => this.sortBy('worst') }, 'Worst first');
    // A narrow window has no head to sort by.
    const ways = [['worst', 'worst first'], ...this.columns.map(([key, label]) => [key, label.toLowerCase()])];
    this.select = h('select', { onchange: () => this.sortBy(this.select.value) }, ways.map(([value, label]) => h('option', { value }, label)));
    this.more = h('button', { type: 'button', class: 'more', onclick: () => this.toggleAll() });
    const table = h('table', { class: 'calls' }, h('thead', {}, h('tr', {}, this.heads)), this.body);
    this.element = h(
      'section',
      { class: 'card', 'aria-label': heading },
      h('div', { class: 'card-head' }, h('h2', {}, heading), note && h('p', { class: 'quiet' }, note), this.worst, h('label', { class: 'sort' }, 'Sort by ', this.select)),
      table,
      this.more,
    );
    this.mark();
  }

  sortBy(by) {
    this.sort = { by, down: this.sort.by === by && by !== 'worst' ? !this.sort.down : by !== 'name' };
    this.sorted = 0;
    this.mark();
    this.again?.();
  }

  toggleAll() {
    this.showsAll = !this.showsAll;
    this.again?.();
  }

  mark() {
    this.select.value = this.sort.by;
    this.columns.forEach(([key], at) => {
      const order = this.sort.down ? 'descending' : 'ascending';
      if (key === this.sort.by) this.heads[at].setAttribute('aria-sort', order);
      else this.heads[at].removeAttribute('aria-sort');
    });
    this.worst.setAttribute('aria-pressed', String(this.sort.by === 'worst'));
  }

  row(call) {
    const { name, detail } = title(call);
    const cell = (key, label, ...content) => h('td', { class: `c-${key}`, 'data-label': label }, ...content);
    const canvas = () => h('canvas', { class: 'spark', 'aria-hidden': 'true' });
    const number = () => h('span', { class: 'number' });
    const parts = {
      rateSpark: canvas(), rate: number(),
      errorSpark: canvas(), error: h('span', { class: 'number errors' }), kinds: h('span', { class: 'kinds quiet' }),
      latencySpark: canvas(), p50: number(), p95: number(), p99: number(),
      activeSpark: canvas(), active: number(),
    };
    const link = h('a', { 'data-path': `/call/${encodeURIComponent(call.id)}` }, breakable(name));
    parts.detail = h('span', { class: 'quiet detail' }, breakable(detail));
    const element = h(
      'tr',
      {},
      h('th', { scope: 'row', class: 'c-name' }, link, parts.detail),
      cell('rate', 'Rate', parts.rateSpark, parts.rate),
      cell('errors', 'Errors', parts.errorSpark, h('span', { class: 'stack' }, parts.error, parts.kinds)),
      cell('p50', 'p50', parts.p50),
      cell('p95', 'p95', parts.latencySpark, parts.p95),
      cell('p99', 'p99', parts.p99),
      this.columns.length === COLUMNS.length && cell('active', 'In flight', parts.activeSpark, parts.active),
    );
    return { element, ...parts };
  }

  draw({ store, range, timeline, about, at: now, isPinned }) {
    const calls = this.groups
      .flatMap((group) => store.calls(group))
      .filter((call) => [...call.requests, ...call.duration].some((series) => store.existsAt(series, range)));
    this.element.hidden = calls.length === 0;
    const measured = new Map(calls.map((call) => [call.id, { call, kinds: kinds(store, call, range), ...measure(store, call, range) }]));
    this.measured = measured;
    if (calls.length === 0) return calls;
    this.reorder(measured, now, isPinned);
    const shown = this.showsAll ? this.order : this.order.slice(0, this.most);
    const rows = keyed(this.body, shown, (id) => this.row(measured.get(id).call));
    rows.forEach((row, at) => {
      const { call, kinds, rates, shares, failures, quantiles, active } = measured.get(shown[at]);
      const failing = newest(failures);
      // The module of a function, with its crate.
      const modules = new Set(written(call, about).map(({ path }) => path.split('::').slice(0, -1).join('::')));
      const detail = modules.size ? [...modules].join(', ') : row.detail.textContent;
      if (row.detail.textContent !== detail) row.detail.replaceChildren(...breakable(detail));
      text(row.rate, rate(newest(rates)));
      text(row.error, failing > 0 ? `▲ ${share(newest(shares))}` : share(newest(shares)));
      row.error.classList.toggle('bad', failing > 0);
      // The most frequent kind comes first and decides the unit.
      const errors = kinds.map(([kind, value]) => `${kind} ${rate(value, kinds[0][1])}`);
      text(row.kinds, errors.slice(0, 2).join(', '));
      row.kinds.title = errors.join(', ');
      ['p50', 'p95', 'p99'].forEach((key, i) => text(row[key], seconds(newest(quantiles[i]))));
      text(row.active, active ? count(newest(active)) : '–');
      spark(row.rateSpark, timeline, rates);
      spark(row.errorSpark, timeline, shares, { colour: 'bad', least: 0.01 });
      spark(row.latencySpark, timeline, quantiles[1], { band: [quantiles[0], quantiles[2]] });
      spark(row.activeSpark, timeline, active ?? [], { least: 1 });
    });
    this.more.hidden = this.order.length <= this.most;
    text(this.more, this.showsAll ? `Show the first ${this.most}` : `Show all ${this.order.length.toLocaleString('en')}`);
    return [...measured.values()];
  }

  /** The part of the JSON export: all rows as they are sorted. */
  saved(about) {
    return this.order.filter((id) => this.measured.has(id)).map((id) => {
      const { call, kinds, rates, shares, quantiles, active } = this.measured.get(id);
      const lists = [['rate', rates, rate], ['error share', shares, share], ['p50', quantiles[0], seconds], ['p95', quantiles[1], seconds], ['p99', quantiles[2], seconds], ['in flight', active, count]];
      return {
        group: call.group,
        ...title(call),
        crates: [...new Set(written(call, about).map(({ path }) => crateOf(path)))],
        labels: call.labels,
        series: lists.filter(([, values]) => values).map(([name, values, format]) => ({ name, unit: UNITS.get(format), values })),
        errors: kinds.map(([type, value]) => ({ type, unit: UNITS.get(rate), value })),
      };
    });
  }

  /** Sorts rows rarely, and not while the pointer or the focus is on them. While the page is paused, each draw sorts. */
  reorder(measured, now, isPinned) {
    const isNew = [...measured.keys()].some((id) => !this.seen?.has(id));
    const isHeld = this.body.matches(':hover') || this.body.contains(document.activeElement);
    if (!isPinned && !isNew && this.sorted && (now - this.sorted < SORT_EVERY || isHeld)) {
      this.order = this.order.filter((id) => measured.has(id));
      return;
    }
    // Before the first rates there is nothing to sort by.
    this.sorted = [...measured.values()].some(({ rates }) => Number.isFinite(newest(rates))) ? now : 0;
    this.seen = new Set(measured.keys());
    const value = {
      worst: ({ shares, quantiles, rates }) => [newest(shares) ?? 0, newest(quantiles[2]) ?? 0, newest(rates) ?? 0],
      name: ({ call }) => [title(call).name],
      rate: ({ rates }) => [newest(rates) ?? -1],
      errors: ({ shares }) => [newest(shares) ?? -1],
      p50: ({ quantiles }) => [newest(quantiles[0]) ?? -1],
      p95: ({ quantiles }) => [newest(quantiles[1]) ?? -1],
      p99: ({ quantiles }) => [newest(quantiles[2]) ?? -1],
      active: ({ active }) => [active ? newest(active) : -1],
    }[this.sort.by];
    const sign = this.sort.down ? -1 : 1;
    const compare = (a, b) => (typeof a === 'string' ? a.localeCompare(b) : a - b);
    this.order = [...measured.entries()]
      .map(([id, one]) => [id, value(one), title(one.call).name])
      .sort(([, a, an], [, b, bn]) => {
        for (let i = 0; i < a.length; i += 1) {
          const by = compare(a[i], b[i]);
          if (by !== 0) return sign * by;
        }
        return an.localeCompare(bn);
      })
      .map(([id]) => id);
  }
}
