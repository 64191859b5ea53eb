// One function, route or call set: its outcomes, latency, errors, exemplars and series.

import { columns } from './data.js';
import { title, written } from './calls.js';
import { column, copyButton, h, keyed, text } from './dom.js';
import { clock, count, exact, rate, seconds } from './format.js';
import { events, HeatMap, Plot } from './plots.js';
import { queryName } from './openmetrics.js';

/** A PromQL selector, with further matchers after those of the labels. */
function selector(name, labels, ...further) {
  const matchers = [...Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`), ...further];
  return matchers.length ? `${name}{${matchers.join(', ')}}` : name;
}

/** A query with a button to copy it. */
function query(promql) {
  const code = h('code', {}, promql);
  return h('details', { class: 'query' }, h('summary', {}, 'PromQL'), h('div', {}, code, copyButton(promql, 'the query')));
}

export class Call {
  constructor(app, id) {
    this.app = app;
    this.id = id;
    this.name = 'call';
    this.heading = h('h1');
    this.where = h('p', { class: 'quiet' });
    this.events = h('p');
    this.plots = h('div', { class: 'plots' });
    this.examplesTime = h('span');
    this.examples = h('tbody');
    this.examplesCard = h(
      'section',
      { class: 'card', 'aria-label': 'Exemplars' },
      h('div', { class: 'card-head' }, h('h2', {}, 'Exemplars'), h('p', { class: 'quiet' }, 'The newest observation with a trace in each bucket. ', this.examplesTime)),
      h('table', { class: 'list' }, h('thead', {}, h('tr', {}, column('Time'), column('Duration', true), column('Trace'))), this.examples),
    );
    this.seriesTime = h('p', { class: 'quiet' });
    this.series = h('tbody');
    this.seriesCard = h(
      'section',
      { class: 'card', 'aria-label': 'Series' },
      h('div', { class: 'card-head' }, h('h2', {}, 'Series'), this.seriesTime),
      h('table', { class: 'list stacked' }, h('thead', {}, h('tr', {}, column('Series'), column('Value', true))), this.series),
    );
    this.missing = h('p', { class: 'card quiet' }, 'The history does not contain this call. The URL may be from another version of the service. ', h('a', { 'data-path': '/' }, 'Go to the overview'));
    this.element = h('div', { class: 'call' }, h('p', {}, h('a', { 'data-path': '/' }, '← Overview')), this.heading, this.where, this.events, this.missing, this.plots, this.examplesCard, this.seriesCard);
    this.wantsMetrics = true;
  }

  /** Creates the plots for the metrics that the call has. */
  build(call) {
    const own = this.app.identity;
    const labels = { ...own, ...call.labels };
    const name = (series) => series[0]?.metric.name;
    const [requests, duration, errors, active] = [name(call.requests), name(call.duration), name(call.errors), name(call.active)];
    if (requests) {
      this.rates = new Plot({
        title: 'Rate, by status', format: rate, names: ['–'],
        query: query(`sum by (status) (rate(${selector(requests, labels)}[5m]))`),
      });
      this.plots.append(this.rates.element);
    }
    if (duration) {
      const buckets = selector(`${duration}_bucket`, labels);
      this.latency = new Plot({
        title: 'Latency', format: seconds, names: ['p50', 'p95', 'p99'], note: 'Quantiles are interpolated within a bucket.',
        query: query(`histogram_quantile(0.95, sum by (le) (rate(${buckets}[5m])))`),
      });
      this.heat = new HeatMap({ title: 'Latency, by bucket', format: seconds, query: query(`sum by (le) (rate(${buckets}[5m]))`) });
      this.plots.append(this.latency.element, this.heat.element);
    }
    if (errors || call.group === 'routes') {
      const promql = errors
        ? `sum by (error_type) (rate(${selector(errors, labels)}[5m]))`
        : `sum by (status) (rate(${selector(requests, labels, 'status=~"5.."')}[5m]))`;
      this.errors = new Plot({ title: 'Errors, by type', format: rate, names: ['errors'], query: query(promql) });
      this.plots.append(this.errors.element);
    }
    if (active) {
      this.active = new Plot({ title: 'In flight', format: count, names: ['in flight'], query: query(`sum(${selector(active, labels)})`) });
      this.plots.append(this.active.element);
    }
  }

  draw({ store, range, timeline, about, families, familiesTime }) {
    const call = ['functions', 'routes', 'calls'].flatMap((group) => store.calls(group)).find(({ id }) => id === this.id);
    this.call = call;
    this.missing.hidden = Boolean(call);
    this.plots.hidden = !call;
    this.seriesCard.hidden = this.examplesCard.hidden = true;
    if (!call) {
      text(this.heading, 'Unknown call');
      return;
    }
    const { name, detail } = title(call);
    text(this.heading, call.group === 'routes' && detail !== 'gRPC' ? `${detail} ${name}` : name);
    const functions = written(call, about);
    text(this.where, functions.length ? functions.map(({ path, place }) => `${path} at ${place}`).join('; ') : call.group === 'routes' ? '' : detail);
    text(this.events, events(timeline));
    if (!this.plots.childElementCount) this.build(call);
    const { times } = timeline;
    if (this.rates) {
      const byStatus = new Map();
      for (const series of call.requests) {
        const status = series.labels.status ?? 'calls';
        byStatus.set(status, [...(byStatus.get(status) ?? []), series]);
      }
      const order = ['ok', 'error', 'cancelled', 'panic'];
      const statuses = [...byStatus.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b) || a.localeCompare(b));
      this.rates.setNames(statuses);
      this.rates.draw(timeline, statuses.map((status) => store.rates(columns(byStatus.get(status)), range)));
    }
    if (this.latency) {
      this.latency.draw(timeline, store.quantiles(call.duration, [0.5, 0.95, 0.99], range));
      const counts = times.map((_, i) => {
        const at = range[0] + i;
        return i > 0 && store.follows(at) ? store.counts(call.duration, at, at - 1) : null;
      });
      this.heat.draw(timeline, counts, call.duration[0].metric.bounds ?? []);
    }
    if (this.errors) {
      const failing = call.errors.length ? call.errors : call.requests.filter((series) => /^5/.test(series.labels.status ?? ''));
      const label = call.errors.length ? 'error_type' : 'status';
      const sorted = [...failing].sort((a, b) => (a.labels[label] ?? '').localeCompare(b.labels[label] ?? ''));
      this.errors.setNames(sorted.length ? sorted.map((series) => series.labels[label] ?? 'error') : ['errors']);
      this.errors.draw(timeline, sorted.length ? sorted.map((series) => store.rates(columns([series]), range)) : [times.map(() => 0)]);
    }
    this.active?.draw(timeline, [store.values(columns(call.active), range)]);
    text(this.seriesTime, familiesTime || 'Current values, as in the exposition.');
    text(this.examplesTime, familiesTime);
    if (families) this.list(call, families, about);
  }

  /** The series and exemplars of this call in the exposition. */
  list(call, families, about) {
    const names = new Set([call.requests, call.duration, call.errors, call.active].map((series) => series[0]?.metric.name).filter(Boolean));
    const isOf = (series) => Object.entries(call.labels).every(([name, value]) => (series.labels[name] ?? '') === value);
    const lines = [];
    const examples = [];
    for (const family of families.values()) {
      if (!names.has(queryName(family))) continue;
      for (const series of family.series.values()) {
        if (!isOf(series)) continue;
        examples.push(...series.exemplars);
        const { service, version, ...labels } = series.labels;
        if (series.count !== undefined) {
          lines.push([selector(`${family.name}_count`, labels), exact(series.count)], [selector(`${family.name}_sum`, labels), exact(series.sum)]);
        } else {
          lines.push([selector(queryName(family), labels), exact(series.value)]);
        }
      }
    }
    this.listed = { series: lines.map(([name, value]) => ({ series: name, value })), exemplars: examples };
    this.seriesCard.hidden = lines.length === 0;
    const rows = keyed(this.series, lines.map(([name]) => name), (name) => {
      const value = h('td', { class: 'number' });
      return { element: h('tr', {}, h('th', { scope: 'row' }, h('code', {}, name)), value), value };
    });
    rows.forEach((row, at) => text(row.value, lines[at][1]));
    const traced = examples.filter(({ labels }) => labels.trace_id).sort((a, b) => b.at - a.at);
    this.examplesCard.hidden = traced.length === 0;
    keyed(this.examples, traced.map((example) => `${example.labels.trace_id} ${example.at} ${example.value}`), (key) => {
      const example = traced.find((one) => `${one.labels.trace_id} ${one.at} ${one.value}` === key);
      const { trace_id: trace } = example.labels;
      const link = about?.trace_link?.replace('{trace_id}', encodeURIComponent(trace));
      const shown = link ? h('a', { href: link, rel: 'noreferrer noopener', target: '_blank' }, h('code', {}, trace)) : h('code', {}, trace);
      return { element: h('tr', {}, h('td', {}, example.at ? clock(example.at) : '–'), h('td', { class: 'number' }, seconds(example.value)), h('td', {}, shown, ' ', copyButton(trace, 'the trace id'))) };
    });
  }

  /** The part of the JSON export about this view. */
  saved({ at }) {
    const { call } = this;
    if (!call) return { call: null };
    const plots = [this.rates, this.latency, this.errors, this.active].filter(Boolean).map((plot) => plot.saved());
    const heat = this.heat?.saved() ?? null;
    return { call: { group: call.group, ...title(call), labels: call.labels, where: this.where.textContent }, at, plots, buckets: heat, current: this.listed ?? null };
  }

  gone() {
    for (const plot of [this.rates, this.latency, this.heat, this.errors, this.active]) plot?.gone();
  }
}
