// The live page: polls the service and draws the selected view. `docs/page.md` describes the interface.

import { Call } from './call.js';
import { Configuration } from './configuration.js';
import { Store } from './data.js';
import { h, text } from './dom.js';
import { ago, clock, moment } from './format.js';
import { Metrics } from './metrics.js';
import { parse, queryName } from './openmetrics.js';
import { Overview } from './overview.js';

/** The time between two requests, in milliseconds. */
const INTERVAL = 2_000;
/** All metrics are requested less often, because they take longer to encode and to parse. */
const METRICS_INTERVAL = 4_000;
/** The longest backoff while the service does not respond. */
const MAX_BACKOFF = 8_000;
const TIMEOUT = 10_000;
/** The maximum difference between the clocks of a page and the service, in milliseconds. A later moment is in the future. */
const CLOCK_TOLERANCE = 10_000;

const byId = (id) => document.getElementById(id);

class App {
  constructor() {
    this.parts = Object.fromEntries(['service', 'version', 'state', 'range', 'pause', 'export', 'notice', 'content', 'pace', 'process', 'processes'].map((id) => [id, byId(id)]));
    this.reset('');
    this.readAddress();
    this.parts.range.addEventListener('change', () => this.setParameter('range', this.parts.range.value === '5' ? null : this.parts.range.value));
    this.parts.pause.addEventListener('click', () => this.setParameter('at', this.at ? null : Math.round(this.now())));
    this.parts.export.addEventListener('click', () => this.save());
    this.parts.process.addEventListener('change', () => this.setParameter('of', this.parts.process.value || null));
    addEventListener('hashchange', () => this.readAddress());
    document.addEventListener('visibilitychange', () => document.hidden || this.ask());
    document.querySelector('.skip').addEventListener('click', (event) => {
      event.preventDefault();
      this.parts.content.focus();
    });
    this.ask();
  }

  /** Drops all data, because another process has other data. */
  reset(origin) {
    this.origin = origin;
    this.store = new Store();
    this.about = null;
    this.drawn = null;
    this.undefined = 0;
    this.families = null;
    this.familiesAt = 0;
    this.exporters = [];
    this.failures = 0;
    this.lost = null;
    this.ahead = 0;
    this.asked = false;
    // Until the process responds, only its address is known.
    text(this.parts.service, origin.replace(/^https?:\/\//, '') || '…');
    text(this.parts.version, '');
    this.parts.process.value = origin;
  }

  /** The current time of the service. */
  now() {
    return Date.now() + this.ahead;
  }

  get path() {
    return (location.hash.slice(1) || '/').split('?')[0];
  }

  parameter(name) {
    return new URLSearchParams(location.hash.split('?')[1] ?? '').get(name);
  }

  setParameter(name, value) {
    const parameters = new URLSearchParams(location.hash.split('?')[1] ?? '');
    if (value === null || value === '') parameters.delete(name);
    else parameters.set(name, value);
    const query = parameters.toString();
    history.replaceState(null, '', `#${this.path}${query ? `?${query}` : ''}`);
    this.readAddress();
  }

  readAddress() {
    const range = this.parameter('range');
    if (range && [...this.parts.range.options].some(({ value }) => value === range)) this.parts.range.value = range;
    else this.parts.range.value = '5';
    this.at = Number(this.parameter('at')) || null;
    if (this.at > this.now() + CLOCK_TOLERANCE) this.at = null;
    this.parts.pause.textContent = this.at ? 'Resume' : 'Pause';
    this.parts.pause.setAttribute('aria-pressed', String(Boolean(this.at)));
    const origin = this.parameter('of') ?? '';
    // A link must not make the page connect to an origin that the service's own configuration does not list.
    if (origin !== this.origin && (origin === '' || this.origins?.includes(origin))) {
      this.reset(origin);
      this.route = null;
      this.ask();
    }
    if (this.route !== this.path) {
      const isFirst = !this.route;
      this.route = this.path;
      this.view?.gone?.();
      this.view = this.makeView();
      this.show();
      if (!isFirst) {
        scrollTo(0, 0);
        this.parts.content.focus({ preventScroll: true });
      }
      if (this.view.wantsMetrics) this.ask();
    }
    const current = this.path === '/metrics' ? 'metrics' : this.path === '/configuration' ? 'configuration' : 'overview';
    for (const tab of ['overview', 'metrics', 'configuration']) {
      const link = byId(`tab-${tab}`);
      if (tab === current) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.link();
    this.draw();
  }

  /** The time until the next request to the service. It grows with failures. */
  pace() {
    return Math.min(MAX_BACKOFF, INTERVAL * Math.max(1, this.failures));
  }

  /** Sets the URLs of all links to views. They keep the range, the moment and the process. */
  link() {
    for (const link of document.querySelectorAll('a[data-path]')) {
      const parameters = new URLSearchParams(location.hash.split('?')[1] ?? '');
      parameters.delete('q');
      if (!this.at) parameters.delete('at');
      if (link.dataset.of) parameters.set('of', link.dataset.of);
      const query = parameters.toString();
      const address = `#${link.dataset.path}${query ? `?${query}` : ''}`;
      if (link.getAttribute('href') !== address) link.setAttribute('href', address);
    }
  }

  /** Shows the view once data has arrived. Before that, an empty view would suggest that the service has no metrics. */
  show() {
    const shown = this.store.last || this.about ? this.view.element : h('p', { class: 'quiet' }, 'Waiting for the first data …');
    if (!shown.isConnected) this.parts.content.replaceChildren(shown);
  }

  makeView() {
    if (this.path === '/metrics') return new Metrics(this);
    if (this.path === '/configuration') return new Configuration();
    const call = /^\/call\/(.+)$/.exec(this.path);
    if (call) {
      try {
        return new Call(this, decodeURIComponent(call[1]));
      } catch {
        // If the URL is truncated, the page shows the overview.
      }
    }
    return new Overview(this);
  }

  /** The labels of every sample, for queries. */
  get identity() {
    const of = (name) => this.about?.settings.find((setting) => setting.section === 'Resource' && setting.name === name)?.value;
    const service = of('service') ?? of('service.name');
    return service ? { service } : {};
  }

  async fetch(path) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), TIMEOUT);
    try {
      const base = this.origin ? `${this.origin}/` : '';
      const response = await fetch(`${base}api/v1/${path}`, { signal: control.signal, cache: 'no-store' });
      const body = await response.text();
      if (!response.ok) throw new Error(`the service responds with ${response.status}: ${body.trim().slice(0, 200)}`);
      return body;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Requests new data, and schedules the next request. One request at a time; none while the page is hidden. */
  async ask() {
    if (this.asking) {
      this.asked = true;
      return;
    }
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.asking = true;
    const { store, origin } = this;
    const askedAt = this.now();
    try {
      const answer = JSON.parse(await this.fetch(`history?${store.query}`));
      if (origin !== this.origin) return;
      this.ahead = answer.now - Date.now();
      const restarted = store.take(answer);
      this.exporters = answer.exporters;
      this.hasHistory = answer.history !== null;
      if (this.lost) {
        store.outages.push({ from: this.lost, to: answer.now, isOver: true });
        this.lost = null;
      }
      if (restarted || !this.about) {
        this.about = JSON.parse(await this.fetch('about'));
        if (!this.origin) this.origins = this.about.origins;
        this.showIdentity();
      }
      if (this.view.wantsMetrics && Date.now() - this.familiesAt >= METRICS_INTERVAL - INTERVAL / 2 && !(this.at && this.families)) {
        this.families = parse(await this.fetch('metrics'));
        this.familiesAt = Date.now();
        await this.learn();
      }
      this.failures = 0;
      this.why = null;
    } catch (error) {
      if (origin !== this.origin) return;
      this.failures += 1;
      this.why = error.name === 'AbortError' ? `no response within ${TIMEOUT / 1000} s` : error.name === 'TypeError' ? 'no connection' : error.message;
      this.lost ??= askedAt;
    } finally {
      this.asking = false;
      const pause = this.asked ? 0 : this.pace();
      this.asked = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), pause);
    }
    this.draw();
  }

  /** A metric that was used for the first time has a definition that the page does not know yet. */
  async learn() {
    const undefinedOnes = () => {
      const known = new Set(this.about.metrics.map(({ name }) => name));
      return [...this.families.values()].filter((family) => !known.has(queryName(family))).length;
    };
    if (undefinedOnes() === this.undefined) return;
    this.about = JSON.parse(await this.fetch('about'));
    this.undefined = undefinedOnes();
  }

  showIdentity() {
    const of = (name) => this.about.settings.find((setting) => setting.section === 'Resource' && setting.name === name)?.value ?? '';
    const name = of('service.name') || of('service') || 'service';
    text(this.parts.service, name);
    text(this.parts.version, of('service.version') || of('version'));
    document.title = `${name} – live metrics`;
    const origins = this.origins ?? [];
    this.parts.processes.hidden = origins.length === 0;
    if (this.parts.process.options.length !== origins.length + 1) {
      this.parts.process.replaceChildren(h('option', { value: '' }, 'this process'), ...origins.map((origin) => h('option', { value: origin }, origin.replace(/^https?:\/\//, ''))));
    }
    this.parts.process.value = this.origin;
    if (this.view instanceof Call) this.route = null;
    // The URL may name another process. Only now the page knows whether that process is allowed.
    this.readAddress();
  }

  showState() {
    const [word, kind] = this.lost ? [`▲ No response since ${clock(this.lost)}`, 'bad'] : this.at ? ['❚❚ Paused', 'warn'] : this.store.last || this.about ? ['● Live', 'good'] : ['Connecting', 'quiet'];
    text(this.parts.state, word);
    this.parts.state.className = `state ${kind}`;
    const restart = this.store.restarts.at(-1);
    let notice = '';
    if (this.lost) {
      // A browser does not tell an unreachable service from one that does not allow this origin.
      const setting = this.origin && !this.store.last ? ` If it runs, its PHOENIX_OTEL_PAGE_ORIGINS must list ${location.origin}.` : '';
      notice = `The service does not respond (${this.why}).${setting} The page ${this.store.last ? 'keeps its data and ' : ''}retries every ${this.pace() / 1000} s.`;
    }
    else if (this.at) notice = `The page shows ${moment(this.at)}. The URL of the page shows the same plots and rates to others, as long as the history of the service contains this time.`;
    else if (restart && this.now() - restart < 60_000) notice = `The service was restarted at ${clock(restart)}. Its counters started at 0.`;
    else if (this.hasHistory === false) notice = 'The history is disabled, so there are no plots. The metrics are available.';
    if (this.at && this.store.times.length && this.store.times[0] > this.at) notice = `The history of the service no longer contains ${moment(this.at)}.`;
    text(this.parts.notice, notice);
    this.parts.notice.hidden = !notice;
    const { times } = this.store;
    text(this.parts.pace, times.length > 1 ? `${times.length} samples since ${clock(times[0])}, the newest ${ago(this.now() - times[times.length - 1])} ago.` : '');
  }

  state() {
    const at = this.at ?? this.store.last ?? this.now();
    const minutes = Number(this.parts.range.value);
    // Shortly after the start, the plots show only the time since the start.
    const first = this.store.times[0] ?? at;
    // During an outage the time goes on, for half of the range at most: the data before the outage stays visible.
    const end = this.lost && !this.at ? Math.max(at, Math.min(this.now(), at + minutes * 30_000)) : at;
    const from = Math.max(end - minutes * 60_000, Math.min(first, end - 60_000));
    const range = this.store.range(from, end);
    const outages = this.lost ? [...this.store.outages, { from: this.lost, to: this.now(), isOver: false }] : this.store.outages;
    const timeline = this.store.timeline(range, [from, end], outages);
    // The history does not contain the metrics.
    const familiesTime = this.at && this.families ? `Values of ${clock(this.familiesAt + this.ahead)}, not of the pinned time.` : '';
    return { store: this.store, range, timeline, at, exporters: this.exporters, about: this.about, families: this.families, familiesAt: Math.round(this.familiesAt + this.ahead), familiesTime, isPinned: Boolean(this.at), isLost: Boolean(this.lost) && !this.at };
  }

  draw() {
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      this.showState();
      if (!this.store.last && !this.about) return;
      this.show();
      this.drawn = this.state();
      this.view.draw(this.drawn);
      this.link();
    });
  }

  /** Saves what the view shows. `docs/page.md` describes the format. */
  save() {
    const { about, drawn } = this;
    if (!drawn) return;
    const { times, from, to, outages, restarts } = drawn.timeline;
    const saved = {
      format: 'phoenix-otel page',
      version: 1,
      view: this.view.name,
      service: this.identity.service ?? null,
      process: this.origin || location.origin,
      instance: about?.instance ?? null,
      time_unit: 'ms',
      from,
      to,
      times,
      outages: outages.map((outage) => [outage.from, outage.to]),
      restarts,
      ...this.view.saved(drawn),
    };
    const url = URL.createObjectURL(new Blob([JSON.stringify(saved)], { type: 'application/json' }));
    const moment = new Date(to).toISOString().slice(0, 19).replaceAll(':', '-');
    h('a', { href: url, download: `${saved.service ?? 'service'}-${saved.view}-${moment}Z.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

new App();
