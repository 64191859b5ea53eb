// Other processes, whose origins the service's own configuration lists.

import { columns, newest, Store } from './data.js';
import { measure } from './calls.js';
import { column, h, keyed, text } from './dom.js';
import { cores, rate, seconds, share, UNITS } from './format.js';

/** The time between two requests to one process, in milliseconds. */
const INTERVAL = 4_000;
const TIMEOUT = 5_000;

/** The columns after the name. */
const NUMBERS = [['state', 'State'], ['all', 'Rate'], ['errors', 'Errors'], ['p95', 'p95'], ['cpu', 'CPU']];

/** Another process and its data. */
class Peer {
  constructor(origin) {
    this.origin = origin;
    this.store = new Store();
    this.asked = 0;
    this.name = '';
  }

  async ask(now) {
    if (this.asking || now - this.asked < INTERVAL) return;
    this.asking = true;
    this.asked = now;
    try {
      const read = async (path) => {
        const response = await fetch(`${this.origin}/api/v1/${path}`, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
        if (!response.ok) throw new Error(`it responds with ${response.status}`);
        return response.json();
      };
      const answer = await read(`history?${this.store.query}`);
      if (this.store.take(answer) || !this.name) {
        const { settings } = await read('about');
        this.name = settings.find((setting) => setting.section === 'Resource' && setting.name === 'service.name')?.value ?? '';
      }
      this.lost = null;
    } catch (error) {
      this.lost = error.name === 'TypeError' ? 'no response, or its configuration does not list this origin' : error.message;
    } finally {
      this.asking = false;
    }
  }

  /** The newest numbers of its routes, or of its functions or call sets if it has no routes; null without a response or a rate. */
  numbers() {
    const { store } = this;
    if (this.lost || !store.last) return { all: null, failed: null, p95: null, cpu: null };
    const range = [Math.max(0, store.times.length - 1), store.times.length];
    const front = ['routes', 'functions', 'calls'].map((group) => store.calls(group)).find((calls) => calls.length) ?? [];
    const measured = front.map((call) => measure(store, call, range));
    const sum = (list) => measured.map((one) => newest(one[list])).reduce((all, value) => (value === null ? all : (all ?? 0) + value), null);
    const [all, failed] = [sum('rates'), sum('failures')];
    const durations = front.flatMap(({ duration }) => duration);
    const same = durations.filter(({ metric }) => JSON.stringify(metric.bounds) === JSON.stringify(durations[0].metric.bounds));
    const p95 = same.length ? newest(store.quantiles(same, [0.95], range)[0]) : null;
    const cpu = store.of('process', (metric) => metric.definition.endsWith('.cpu.time'));
    return { all, failed, p95, cpu: cpu.length ? newest(store.rates(columns(cpu), range)) : null };
  }
}

export class Processes {
  constructor() {
    this.peers = new Map();
    this.body = h('tbody');
    this.element = h(
      'section',
      { class: 'card', 'aria-label': 'Other processes' },
      h('div', { class: 'card-head' }, h('h2', {}, 'Other processes'), h('p', { class: 'quiet' }, 'The origins that the configuration lists.')),
      h('table', { class: 'list stacked' }, h('thead', {}, h('tr', {}, column('Process'), NUMBERS.map(([key, name]) => column(name, key !== 'state')))), this.body),
    );
  }

  draw(origins, app) {
    this.element.hidden = origins.length === 0 || Boolean(app.origin);
    if (this.element.hidden) return;
    const now = Date.now();
    for (const origin of origins) {
      if (!this.peers.has(origin)) this.peers.set(origin, new Peer(origin));
      this.peers.get(origin).ask(now);
    }
    const rows = keyed(this.body, origins, (origin) => {
      const cells = NUMBERS.map(([key, name]) => [key, h('td', { class: key !== 'state' && 'number', 'data-label': name })]);
      const link = h('a', { 'data-path': '/', 'data-of': origin }, origin.replace(/^https?:\/\//, ''));
      return { element: h('tr', {}, h('th', { scope: 'row' }, link), cells.map(([, cell]) => cell)), link, ...Object.fromEntries(cells) };
    });
    rows.forEach((row, at) => {
      const peer = this.peers.get(origins[at]);
      const { all, failed, p95, cpu } = peer.numbers();
      const address = peer.origin.replace(/^https?:\/\//, '');
      text(row.link, peer.name ? `${peer.name} (${address})` : address);
      text(row.state, peer.lost ? `▲ ${peer.lost}` : peer.store.last ? '● live' : 'connecting');
      text(row.all, rate(all));
      text(row.errors, failed > 0 ? `▲ ${share(failed / all)}` : share(failed));
      text(row.p95, seconds(p95));
      text(row.cpu, cores(cpu));
    });
  }
  /** The part of the JSON export: the newest numbers of each process. */
  saved() {
    if (this.element.hidden) return [];
    return [...this.peers.values()].map((peer) => {
      const { all, failed, p95, cpu } = peer.numbers();
      return { origin: peer.origin, service: peer.name, at: peer.store.last ?? null, lost: peer.lost ?? null, rate: all, errors: failed, p95, cpu, units: { rate: '1/s', errors: '1/s', p95: 's', cpu: UNITS.get(cores) } };
    });
  }
}
