// All metrics: search, series, caps and label cardinality.

import { breakable, column, copyButton, h, keyed, text } from './dom.js';
import { exact, inUnit, moment } from './format.js';
import { crateOf } from './calls.js';
import { queryName } from './openmetrics.js';

/** The maximum number of shown rows, and of shown series of one metric. */
const MOST_ROWS = 300;
const MOST_SERIES = 200;

export class Metrics {
  constructor(app) {
    this.app = app;
    this.name = 'metrics';
    this.found = [];
    this.wantsMetrics = true;
    this.open = new Set();
    this.search = h('input', { type: 'search', id: 'search', placeholder: 'name, label, description, unit, crate', autocomplete: 'off', spellcheck: 'false' });
    this.search.value = app.parameter('q') ?? '';
    this.search.addEventListener('input', () => {
      app.setParameter('q', this.search.value);
      app.draw();
    });
    this.told = h('p', { class: 'quiet', role: 'status' });
    this.body = h('div', { class: 'metrics' });
    this.element = h(
      'div',
      {},
      h('h1', {}, 'Metrics'),
      h('div', { class: 'search' }, h('label', { for: 'search' }, 'Search'), this.search, this.told),
      this.body,
    );
  }

  draw({ families, familiesTime, about, store, range }) {
    if (!families) {
      text(this.told, 'Waiting for the metrics …');
      return;
    }
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const definitions = new Map((about?.metrics ?? []).map((metric) => [metric.name, metric]));
    const all = [...families.values()].map((family) => describe(family, definitions.get(queryName(family)), about));
    const found = all.filter(({ haystack }) => words.every((word) => haystack.includes(word)));
    // Metrics whose names match come first.
    const isNamed = ({ name }) => words.every((word) => name.includes(word));
    found.sort((a, b) => isNamed(b) - isNamed(a));
    this.found = found;
    this.all = all.length;
    const series = all.reduce((sum, one) => sum + one.family.series.size, 0);
    const shown = found.slice(0, MOST_ROWS);
    const cut = found.length > shown.length ? `, of which the first ${shown.length} are shown` : '';
    text(this.told, `${found.length} of ${all.length} metrics${cut}; ${series.toLocaleString('en')} series in all. ${familiesTime}`);
    this.body.dataset.search = this.search.value;
    const rows = keyed(this.body, shown.map(({ name }) => name), (name) => this.row(name));
    rows.forEach((row, at) => this.fill(row, shown[at], store, range));
  }

  /** The part of the JSON export about this view: all metrics that pass the search. */
  saved({ familiesAt }) {
    const metrics = this.found.map(({ family, name, definition, crates, unit }) => ({
      name,
      type: family.type,
      unit,
      description: family.help,
      crates,
      cap: definition?.cap ?? null,
      series: [...family.series.values()].map(savedSeries),
    }));
    return { search: this.search.value, at: familiesAt, all: this.all ?? 0, metrics };
  }

  row(name) {
    const parts = {
      value: h('span', { class: 'number value' }), type: h('span', { class: 'quiet' }), help: h('span', { class: 'help' }),
      owner: h('span', { class: 'quiet' }), series: h('span', { class: 'number' }), full: h('span', { class: 'badge bad' }), grows: h('span', { class: 'badge warn' }),
      labels: h('p', { class: 'quiet' }), list: h('tbody'), more: h('p', { class: 'quiet' }),
    };
    const element = h(
      'details',
      { class: 'metric' },
      h('summary', {},
        h('span', { class: 'metric-name' }, h('code', {}, breakable(name)), ' ', parts.full, ' ', parts.grows),
        parts.value,
        h('span', { class: 'metric-about' }, parts.help, h('span', { class: 'facts' }, parts.type, parts.owner, parts.series))),
      h('div', { class: 'metric-body' }, copyButton(name, `the name ${name}`), parts.labels,
        h('table', { class: 'list stacked' }, h('thead', {}, h('tr', {}, column('Labels'), column('Value', true))), parts.list), parts.more),
    );
    element.open = this.open.has(name);
    element.addEventListener('toggle', () => {
      if (element.open) this.open.add(name);
      else this.open.delete(name);
      this.app.draw();
    });
    return { element, ...parts };
  }

  fill(row, { family, name, definition, crates, unit, labels, overflow }, store, range) {
    text(row.value, total(family, name, unit, definition?.kind));
    text(row.type, unit ? `${family.type}, ${unit}` : family.type);
    text(row.help, family.help);
    text(row.owner, crates.length ? `crate ${crates.join(', ')}` : family.type === 'info' ? 'resource' : 'foreign library');
    const count = family.series.size - (overflow ? 1 : 0);
    text(row.series, definition && definition.labels.length ? `${count} of at most ${definition.cap} series` : `${count} series`);
    row.full.hidden = !overflow;
    text(row.full, '▲ cap exceeded');
    const growing = grown(store, name, range);
    row.grows.hidden = !(growing > 0);
    text(row.grows, `growing: ${growing} new series`);
    if (!row.element.open) return;
    const many = [...labels].sort((a, b) => b[1].size - a[1].size);
    text(row.labels, many.length ? `Labels with their number of values: ${many.map(([label, values]) => `${label} ${values.size}`).join(', ')}` : 'No labels.');
    const list = [...family.series.entries()].slice(0, MOST_SERIES);
    const rows = keyed(row.list, list.map(([key]) => key), (key) => {
      const { labels: own } = family.series.get(key);
      const value = h('td', { class: 'number' });
      const written = Object.entries(own).filter(([label]) => !SAME_EVERYWHERE.includes(label)).map(([label, text_]) => `${label}="${text_}"`).join(', ');
      return { element: h('tr', {}, h('th', { scope: 'row' }, h('code', {}, written || 'no labels')), value), value };
    });
    rows.forEach((one, at) => text(one.value, shownValue(list[at][1], unit)));
    text(row.more, family.series.size > list.length ? `${(family.series.size - list.length).toLocaleString('en')} more are not shown.` : '');
  }
}

/** A series in the JSON export: a value, or the parts of a histogram or summary. */
function savedSeries({ labels, value, count, sum, buckets, quantiles }) {
  if (count === undefined) return { labels, value };
  const atMost = (bound) => (bound === Infinity ? '+Inf' : bound);
  return {
    labels,
    count,
    sum,
    ...(buckets.length && { buckets: buckets.map(([bound, below]) => ({ le: atMost(bound), count: below })) }),
    ...(quantiles.length && { quantiles: quantiles.map(([quantile, worth]) => ({ quantile, value: worth })) }),
  };
}

const SAME_EVERYWHERE = ['service', 'version'];

function describe(family, definition, about) {
  const labels = new Map();
  let overflow = false;
  for (const series of family.series.values()) {
    for (const [label, value] of Object.entries(series.labels)) {
      if (label === 'otel_metric_overflow') overflow = true;
      if (SAME_EVERYWHERE.includes(label) && !definition?.labels.includes(label)) continue;
      if (!labels.has(label)) labels.set(label, new Set());
      labels.get(label).add(value);
    }
  }
  const name = queryName(family);
  const unit = family.unit || definition?.unit || '';
  const values = [...labels].flatMap(([label, of]) => [label, ...[...of].slice(0, 200)]);
  // The metrics of functions are ours, and their series belong to the crates of the functions.
  const methods = definition?.module.endsWith('::catalog::function') ? labels.get('method') : undefined;
  const crates = new Set((about?.functions ?? []).filter(({ method }) => methods?.has(method)).map(({ path }) => crateOf(path)));
  if (definition) crates.add(definition.owner);
  const words = [name, definition?.instrument, family.help, family.type, unit, ...crates, definition?.module, ...values];
  return { family, name, definition, crates: [...crates], unit, labels, overflow, haystack: words.filter(Boolean).join('\n').toLowerCase() };
}

/** The value of a whole metric. Counters and up-down counters have a sum; of a gauge's series only the range means something. */
export function total(family, name, unit, kind) {
  const series = [...family.series.values()];
  if (family.type === 'histogram' || family.type === 'summary') {
    const count = series.reduce((sum, one) => sum + (one.count ?? 0), 0);
    const sum = series.reduce((all, one) => all + (one.sum ?? 0), 0);
    return count > 0 ? `${exact(count)}, mean ${inUnit(sum / count, unit)}` : '0';
  }
  if (family.type === 'info') return '';
  // Timestamps cannot be summed.
  if (name.endsWith('_timestamp_seconds')) return moment(1000 * Math.max(...series.map((one) => one.value ?? 0)));
  const values = series.map((one) => one.value ?? 0);
  if (values.length < 2 || family.type === 'counter' || kind === 'up_down_counter') return inUnit(values.reduce((sum, value) => sum + value, 0), unit);
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => inUnit(value, unit));
  return least === most ? least : `${least} … ${most}`;
}

function shownValue(series, unit) {
  if (series.count !== undefined) {
    const quantiles = series.quantiles.map(([q, value]) => `p${q * 100} ${inUnit(value, unit)}`);
    return [`${exact(series.count)} observations, sum ${exact(series.sum)}`, ...quantiles].join(', ');
  }
  return exact(series.value);
}

/** The number of series that were added to the metric in the range, after its first series. */
function grown(store, name, [from, to]) {
  const of = store.of('telemetry', (metric, series) => metric.definition.endsWith('.series') && series.labels.metric === name)[0];
  // The number of series of each metric grows with the metrics, not by its own labels.
  if (!of || of.metric.name === name || to - from < 2) return 0;
  const values = of.columns[0].slice(from, to).filter((value) => value > 0);
  return values.length ? values[values.length - 1] - values[0] : 0;
}
