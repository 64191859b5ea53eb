// The overview: the tables of calls; circuit breakers, domains, the process, the telemetry.

import { columns, newest } from './data.js';
import { Calls } from './calls.js';
import { h, keyed, text } from './dom.js';
import { ago, bytes, clock, cores, count, dollars, inUnit, rate, seconds, share, UNITS } from './format.js';
import { events, spark, stateStrip } from './plots.js';
import { Processes } from './processes.js';

const STATES = {
  0: { word: 'closed', colour: 'good', height: 0.35 },
  1: { word: 'open', colour: 'bad', height: 1 },
  2: { word: 'half-open', colour: 'warn', height: 0.7, striped: true },
};

class Breakers {
  constructor() {
    this.body = h('ul', { class: 'breakers' });
    this.element = h(
      'section',
      { class: 'card', 'aria-label': 'Circuit breakers' },
      h('div', { class: 'card-head' }, h('h2', {}, 'Circuit breakers'), h('p', { class: 'quiet' }, 'A low bar means closed, a striped bar half-open, a full bar open.')),
      this.body,
    );
  }

  draw(store, range, timeline) {
    const breakers = store.of('breakers').filter((series) => store.existsAt(series, range));
    this.element.hidden = breakers.length === 0;
    const values = new Map(breakers.map((series) => [series.key, store.values(columns([series]), range)]));
    this.drawn = breakers.map((series) => ({ service: series.labels.service, states: values.get(series.key).map((value) => STATES[value]?.word ?? null) }));
    const isOpen = (series) => (newest(values.get(series.key)) === 1 ? 0 : newest(values.get(series.key)) === 2 ? 1 : 2);
    breakers.sort((a, b) => isOpen(a) - isOpen(b) || a.labels.service.localeCompare(b.labels.service));
    const rows = keyed(this.body, breakers.map((series) => series.key), (key) => {
      const { labels } = breakers.find((series) => series.key === key);
      const canvas = h('canvas', { class: 'strip', 'aria-hidden': 'true' });
      const word = h('span', { class: 'badge' });
      return { element: h('li', {}, h('span', { class: 'name' }, labels.service), word, canvas), canvas, word };
    });
    rows.forEach((row, at) => {
      const list = values.get(breakers[at].key);
      const state = STATES[newest(list)] ?? { word: 'unknown', colour: 'quiet' };
      text(row.word, state.word === 'open' ? '▲ open' : state.word);
      row.word.className = `badge ${state.colour}`;
      stateStrip(row.canvas, timeline, list, STATES);
    });
  }
}

/** Numbers, each with a small plot. */
class Tiles {
  constructor(heading) {
    this.heading = heading;
    this.tiles = [];
    this.grid = h('dl', { class: 'tiles' });
    this.note = h('p', { class: 'quiet' });
    this.element = h(
      'section',
      { class: 'card', 'aria-label': heading },
      h('div', { class: 'card-head' }, h('h2', {}, heading), this.note),
      this.grid,
    );
  }

  /** The part of the JSON export. A tile without a plot is a text. */
  saved() {
    return this.tiles.map(({ name, list, format, unit = UNITS.get(format) }) => ({ section: this.heading, name, ...(list.length ? { unit, values: list } : { text: format(null) }) }));
  }

  draw(timeline, tiles) {
    this.tiles = tiles;
    this.element.hidden = tiles.length === 0;
    const items = keyed(this.grid, tiles.map((tile) => tile.name), (name) => {
      const value = h('span', { class: 'number' });
      const detail = h('span', { class: 'quiet' });
      const canvas = h('canvas', { class: 'spark', 'aria-hidden': 'true' });
      return { element: h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value, ' ', detail, canvas)), value, detail, canvas };
    });
    items.forEach((item, at) => {
      const tile = tiles[at];
      const mark = tile.bad && tile.list.length ? '▲ ' : '';
      text(item.value, `${mark}${tile.format(newest(tile.list))}`);
      text(item.detail, tile.detail ?? '');
      item.canvas.hidden = tile.list.length === 0;
      item.element.classList.toggle('is-bad', Boolean(tile.bad));
      spark(item.canvas, timeline, tile.list, { least: tile.least ?? 0 });
    });
  }
}

const named = (suffix) => (metric) => metric.definition.endsWith(suffix);

function processTiles(store, range) {
  const rates = (suffix) => {
    const series = store.of('process', named(suffix));
    return series.length ? store.rates(columns(series), range) : null;
  };
  const values = (suffix) => {
    const series = store.of('process', named(suffix));
    return series.length ? store.values(columns(series), range) : null;
  };
  const workers = newest(values('.workers') ?? []);
  const busy = rates('.workers.busy');
  const tiles = [
    ['CPU', rates('.cpu.time'), cores],
    ['Memory', values('.memory.usage'), bytes],
    ['Threads', values('.thread.count'), count],
    ['Open files', values('.file_descriptor.count'), count],
    ['Runtime busy', busy && workers ? busy.map((value) => (value === null ? null : value / workers)) : null, share, 0.05],
    ['Workers', values('.workers'), count],
    ['Tasks', values('.alive_tasks'), count],
    ['Queued tasks', values('.global_queue.depth'), count],
    ['Page faults', rates('.paging.faults'), rate],
  ];
  return tiles.filter(([, list]) => list).map(([name, list, format, least = 0]) => ({ name, list, format, least }));
}

/** The displayed name of a domain's metric: its name without the namespace and the domain. */
function words(definition) {
  const parts = definition.split('.');
  const own = parts.slice(Math.min(2, parts.length - 1)).join(' ').replaceAll('_', ' ');
  return own.charAt(0).toUpperCase() + own.slice(1);
}

/** The metrics of a domain, each summed over its labels. */
function domainTiles(all, store, range) {
  const metrics = new Map();
  for (const series of all) {
    const { definition } = series.metric;
    metrics.set(definition, [...(metrics.get(definition) ?? []), series]);
  }
  return [...metrics].map(([definition, series]) => {
    const [name, { bounds, unit, name: exported }] = [words(definition), series[0].metric];
    if (bounds) {
      const [p95, p50] = store.quantiles(series, [0.95, 0.5], range);
      const format = (value) => inUnit(value, unit);
      return { name: `${name}, p95`, list: p95, format, unit, detail: `p50 ${format(newest(p50))}` };
    }
    const values = store.values(columns(series), range);
    if (!exported.endsWith('_total')) return { name, list: values, format: count };
    const rates = store.rates(columns(series), range);
    if (unit !== '{USD}') return { name, list: rates, format: rate };
    const spent = rates.map((value) => (value === null ? null : value * 3600));
    return { name: `${name} per hour`, list: spent, format: dollars, unit: '{USD}/h', detail: `${dollars(newest(values))} since the start` };
  });
}

/** A section of tiles for each domain that has one. */
class Domains {
  constructor() {
    this.sections = new Map();
    this.element = h('div', { class: 'domains' });
  }

  draw(store, range, timeline) {
    const bySection = new Map();
    for (const series of store.of('domain').filter((one) => store.existsAt(one, range))) {
      const { section } = series.metric;
      bySection.set(section, [...(bySection.get(section) ?? []), series]);
    }
    for (const section of [...bySection.keys()].sort()) {
      if (this.sections.has(section)) continue;
      const tiles = new Tiles(section);
      this.sections.set(section, tiles);
      this.element.append(tiles.element);
    }
    for (const [section, tiles] of this.sections) tiles.draw(timeline, domainTiles(bySection.get(section) ?? [], store, range));
  }
}

const isFailing = (health) => /^failing|^not listening/.test(health);

class Telemetry {
  constructor() {
    this.exporters = h('ul', { class: 'exporters' });
    this.lost = h('ul', { class: 'exporters' });
    this.note = h('p', { class: 'quiet' });
    this.none = h('p', { class: 'quiet' }, 'No measurement is on an overflow series, and no value was dropped.');
    this.element = h(
      'section',
      { class: 'card', 'aria-label': 'Telemetry' },
      h('div', { class: 'card-head' }, h('h2', {}, 'Telemetry'), this.note),
      this.exporters,
      this.none,
      this.lost,
    );
  }

  draw({ store, range, exporters, at, isPinned, isLost }) {
    const told = isLost ? `Values of ${clock(at)}, before the outage.` : isPinned ? 'The latest health of the exporters, not of the pinned time.' : '';
    text(this.note, told);
    const items = keyed(this.exporters, exporters.map(({ name }) => name), (name) => {
      const word = h('span', { class: 'badge' });
      const how = h('span');
      return { element: h('li', {}, h('strong', {}, name), ' ', word, ' ', how), word, how };
    });
    items.forEach((item, at) => {
      const { health } = exporters[at];
      const [word, colour] = isFailing(health) ? ['▲ failing', 'bad'] : /^not reloaded/.test(health) ? ['▲ not reloaded', 'bad'] : /^ok/.test(health) ? ['ok', 'good'] : [health, 'quiet'];
      text(item.word, word);
      item.word.className = `badge ${colour}`;
      // The badge already has the first word.
      text(item.how, health === word ? '' : health.replace(/^(ok|failing|not reloaded)[,:]? /, ''));
    });
    const lost = store
      .of('telemetry', (metric) => named('.overflow')(metric) || named('.dropped')(metric))
      .map((series) => [series, newest(store.values(columns([series]), range))])
      .filter(([, value]) => value > 0);
    this.none.hidden = lost.length > 0;
    this.dropped = lost.map(([{ labels }, value]) => ({ ...labels, value }));
    const lines = keyed(this.lost, lost.map(([series]) => series.key), () => ({ element: h('li') }));
    lines.forEach((line, at) => {
      const [series, value] = lost[at];
      const { metric, reason } = series.labels;
      const now = newest(store.rates(columns([series]), range));
      const what = reason ? `dropped as ${reason.replace('_', ' ')}` : 'on the overflow series, because the metric has reached its cap';
      text(line.element, `▲ ${metric}: ${count(value)} ${reason ? 'values' : 'measurements'} ${what} (now ${rate(now)})`);
    });
  }
}

export class Overview {
  constructor(app) {
    this.app = app;
    this.name = 'overview';
    this.top = new Tiles('Now');
    this.routes = new Calls('Routes', ['routes'], 'Requests to this service. Only failures of the service count as errors, not mistakes of a client.');
    this.functions = new Calls('Functions', ['functions'], '');
    this.calls = new Calls('Other calls', ['calls'], 'Call sets, by their labels.', 20);
    this.breakers = new Breakers();
    this.domains = new Domains();
    this.process = new Tiles('Process');
    this.telemetry = new Telemetry();
    this.processes = new Processes();
    for (const table of [this.routes, this.functions, this.calls]) table.again = () => app.draw();
    this.empty = h('p', { class: 'card quiet' }, 'No instrumented function, route or call set has been recorded yet.');
    this.leftOut = h('p', { class: 'card quiet', role: 'status' });
    this.element = h('div', { class: 'overview' }, h('h1', { class: 'hidden' }, 'Overview'), this.leftOut,
      this.top.element, this.empty, this.routes.element, this.functions.element, this.calls.element,
      this.breakers.element, this.domains.element, this.process.element, this.telemetry.element, this.processes.element);
  }

  draw(state) {
    const { store, range, timeline, exporters, about, at, isPinned, isLost } = state;
    const [routes, functions, calls] = [this.routes, this.functions, this.calls].map((table) => table.draw(state));
    const { leftOut } = store;
    this.leftOut.hidden = leftOut === 0;
    text(this.leftOut, `▲ ${leftOut.toLocaleString('en')} series do not fit the history: sums and rows are incomplete.`);
    this.empty.hidden = routes.length + functions.length + calls.length > 0;
    this.breakers.draw(store, range, timeline);
    this.domains.draw(store, range, timeline);
    this.process.draw(timeline, processTiles(store, range));
    this.telemetry.draw(state);
    this.processes.draw(this.app.origins ?? [], this.app);
    text(this.top.note, `${isLost || isPinned ? `Values of ${clock(at)}. ` : ''}${events(timeline)}`);
    this.top.draw(timeline, this.summary({ store, range, routes, functions, calls, exporters, about, at, isPinned, isLost }));
  }

  /** The part of the JSON export about this view. */
  saved({ exporters, about }) {
    const tiles = [this.top, ...this.domains.sections.values(), this.process].flatMap((one) => one.saved());
    const calls = [this.routes, this.functions, this.calls].flatMap((table) => table.saved(about));
    return { numbers: tiles, calls, breakers: this.breakers.drawn, exporters, dropped: this.telemetry.dropped, processes: this.processes.saved() };
  }

  /** The summary of the routes, or of the functions or call sets if there are no routes. */
  summary({ store, range, routes, functions, calls, exporters, about, at, isPinned, isLost }) {
    const front = routes.length ? routes : functions.length ? functions : calls;
    const tiles = [];
    if (front.length) {
      const sum = (lists) => lists[0].map((_, i) => lists.reduce((all, list) => (list[i] === null ? all : (all ?? 0) + list[i]), null));
      const rates = sum(front.map((one) => one.rates));
      const failures = sum(front.map((one) => one.failures));
      const shares = rates.map((value, i) => (value ? (failures[i] ?? 0) / value : value));
      const durations = front.flatMap(({ call }) => call.duration);
      // Only histograms of the same buckets can be added.
      const bounds = JSON.stringify(durations[0]?.metric.bounds);
      const same = durations.filter((series) => JSON.stringify(series.metric.bounds) === bounds);
      const [p95] = same.length ? store.quantiles(same, [0.95], range) : [[]];
      const what = routes.length ? 'Requests' : 'Calls';
      tiles.push({ name: what, list: rates, format: rate });
      tiles.push({ name: 'Errors', list: shares, format: share, least: 0.01, bad: newest(shares) > 0.01, detail: newest(failures) > 0 ? rate(newest(failures)) : '' });
      tiles.push({ name: 'p95', list: p95, format: seconds });
    }
    const active = store.of('routes', (metric) => metric.role === 'active');
    const inFlight = active.length ? active : functions.flatMap(({ call }) => call.active);
    if (inFlight.length) tiles.push({ name: 'In flight', list: store.values(columns(inFlight), range), format: count, least: 1 });
    const failing = exporters.filter(({ health }) => isFailing(health));
    const health = failing.length ? `▲ ${failing.map(({ name }) => name).join(', ')}` : exporters.length ? 'ok' : 'none';
    tiles.push({ name: 'Exporters', list: [], format: () => health, bad: failing.length > 0, detail: isLost ? `at ${clock(at)}` : isPinned ? 'now' : '' });
    if (about) tiles.push({ name: 'Running for', list: [], format: () => ago(at - about.started) });
    return tiles;
  }
}
