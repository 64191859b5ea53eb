/* global uPlot */
// Plots. This file draws small plots and heat maps; uPlot draws large plots.

import { h, text } from './dom.js';
import { clock, short, UNITS } from './format.js';

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const themed = matchMedia('(prefers-color-scheme: dark)');

let colours = {};
function readColours() {
  for (const name of ['ink', 'quiet', 'line', 'accent', 'bad', 'warn', 'good', 'surface', 'grid']) colours[name] = css(`--${name}`);
  colours.series = [1, 2, 3, 4, 5, 6].map((n) => css(`--series-${n}`));
}
themed.addEventListener('change', readColours);
export function palette() {
  if (!colours.ink) readColours();
  return colours;
}

/** Seconds between two marks of the time axis. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]];
const FONT = '11px system-ui, sans-serif';
/** The space at the right of the large plots, for half of the label of their last time. */
const RIGHT = 36;
/** The maximum number of events that a text lists. */
const MOST_EVENTS = 5;

/** The outages, restarts and missing samples of a timeline, as text. */
export function events({ times, breaks, outages, restarts }) {
  const all = [
    ...outages.map(({ from, to, isOver }) => [from, `no response ${isOver ? `from ${clock(from)} to ${clock(to)}` : `since ${clock(from)}`}`]),
    ...restarts.map((at) => [at, `restart at ${clock(at)}`]),
  ];
  for (const at of breaks) {
    const [from, to] = [times[at - 1], times[at]];
    const isNamed = outages.some((outage) => outage.from < to && outage.to > from) || restarts.some((time) => time >= from && time <= to);
    if (!isNamed) all.push([from, `no samples from ${clock(from)} to ${clock(to)}`]);
  }
  if (all.length === 0) return '';
  const shown = all.sort(([a], [b]) => a - b).slice(-MOST_EVENTS).map(([, told]) => told);
  const more = all.length - shown.length;
  const told = `${more ? `${more} earlier; ` : ''}${shown.join('; ')}.`;
  return told.charAt(0).toUpperCase() + told.slice(1);
}

/** Draws outages as hatched bands and restarts as vertical lines into a box, with labels if there is space for them. */
function drawEvents(context, { from, to, outages, restarts }, { left, top, width, height }, areLabelled) {
  const of = palette();
  const x = (time) => left + Math.min(1, Math.max(0, (time - from) / (to - from))) * width;
  context.save();
  context.font = FONT;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  const ends = [];
  const labels = [];
  const label = (told, middle, row) => {
    const wide = context.measureText(told).width + 6;
    const start = Math.max(left, Math.min(left + width - wide, middle - wide / 2));
    if (!areLabelled || wide > width || start < (ends[row] ?? 0)) return;
    ends[row] = start + wide;
    context.fillStyle = of.surface;
    context.fillRect(start, top + row * 15, wide, 15);
    context.fillStyle = of.ink;
    context.fillText(told, start + 3, top + row * 15 + 2);
  };
  for (const outage of outages) {
    const start = x(outage.from);
    const end = Math.max(start + 2, x(outage.to));
    context.save();
    context.beginPath();
    context.rect(start, top, end - start, height);
    context.clip();
    context.strokeStyle = of.quiet;
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    context.beginPath();
    for (let at = Math.floor((start - height) / 6) * 6; at < end; at += 6) {
      context.moveTo(at, top + height);
      context.lineTo(at + height, top);
    }
    context.stroke();
    context.restore();
    labels.push(['no response', (start + end) / 2, 0]);
  }
  for (const at of restarts) {
    context.strokeStyle = of.ink;
    context.lineWidth = 1.5;
    context.setLineDash(areLabelled ? [5, 3] : []);
    context.beginPath();
    context.moveTo(x(at), top);
    context.lineTo(x(at), top + height);
    context.stroke();
    labels.push(['restart', x(at), 1]);
  }
  // No line crosses a label.
  for (const one of labels) label(...one);
  context.restore();
}

/** Scales a canvas to its box and to the pixel ratio of the screen. */
function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** A small plot without axes: a line over the range, and optionally a band. */
export function spark(canvas, timeline, list, { colour = 'accent', band = null, least = 0 } = {}) {
  const { context, width, height } = prepare(canvas);
  if (!list.length) return;
  const { times, from, to, breaks } = timeline;
  const of = palette();
  let most = least;
  for (const values of [list, ...(band ?? [])]) for (const value of values) if (value > most) most = value;
  const x = (time) => ((time - from) / (to - from)) * (width - 2) + 1;
  const y = (value) => height - 1.5 - (most > 0 ? value / most : 0) * (height - 4);
  context.fillStyle = of.line;
  context.fillRect(0, height - 1, width, 1);
  drawEvents(context, timeline, { left: 1, top: 0, width: width - 2, height: height - 1 });
  // A line that is always 0 is not drawn; the base line is enough.
  if (!(most > 0) || !list.some((value) => value > 0)) return;
  context.strokeStyle = context.fillStyle = of[colour];
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  for (const [start, end] of pieces(list, breaks)) {
    context.globalAlpha = 0.14;
    context.beginPath();
    for (let i = start; i < end; i += 1) context.lineTo(x(times[i]), y(band ? band[1][i] ?? list[i] : list[i]));
    for (let i = end - 1; i >= start; i -= 1) context.lineTo(x(times[i]), band ? y(band[0][i] ?? list[i]) : height - 1);
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    for (let i = start; i < end; i += 1) context.lineTo(x(times[i]), y(list[i]));
    if (end - start === 1) context.fillRect(x(times[start]) - 1, y(list[start]) - 1, 2, 2);
    else context.stroke();
  }
}

/** The parts of a list without gaps: without missing values, and without breaks. */
function pieces(list, breaks) {
  const found = [];
  let start = -1;
  for (let i = 0; i <= list.length; i += 1) {
    const has = i < list.length && list[i] !== null;
    if (start >= 0 && (!has || breaks.includes(i))) {
      found.push([start, i]);
      start = -1;
    }
    if (has && start < 0) start = i;
  }
  return found;
}

/** States over time. Each state has its own pattern, not only its own colour. */
export function stateStrip(canvas, timeline, values, states) {
  const { context, width, height } = prepare(canvas);
  const { times, from, to, breaks } = timeline;
  const of = palette();
  const x = (time) => ((time - from) / (to - from)) * width;
  drawEvents(context, timeline, { left: 0, top: 0, width, height });
  const isBroken = (i) => i >= times.length || breaks.includes(i);
  let next = 0;
  for (let i = 0; i < times.length; i = next) {
    // Equal states are one rectangle: between two there would be a seam.
    for (next = i + 1; !isBroken(next) && values[next] === values[i]; ) next += 1;
    const state = states[values[i]];
    if (!state) continue;
    const left = Math.max(0, x(times[i]));
    const right = x(times[isBroken(next) ? next - 1 : next]);
    const high = height * state.height;
    context.fillStyle = of[state.colour];
    context.fillRect(left, height - high, Math.max(1, right - left + 0.5), high);
    if (state.striped) {
      context.save();
      context.beginPath();
      context.rect(left, height - high, right - left, high);
      context.clip();
      context.strokeStyle = of.surface;
      context.lineWidth = 2;
      context.beginPath();
      for (let at = Math.floor(left / 6) * 6 - height; at < right; at += 6) {
        context.moveTo(at, height);
        context.lineTo(at + height, 0);
      }
      context.stroke();
      context.restore();
    }
  }
}

/** A plot with axes, and a legend that shows the values under the pointer, or the newest ones. */
export class Plot {
  constructor({ title, format, names, query, note, height = 190 }) {
    this.format = format;
    this.height = height;
    this.names = [];
    this.title = title;
    this.box = h('div', { class: 'plot-box', role: 'img', 'aria-label': title });
    this.legend = h('ul', { class: 'legend' });
    this.empty = h('p', { class: 'quiet plot-empty' }, 'No data in this range.');
    this.element = h(
      'section',
      { class: 'plot', 'aria-label': title },
      h('div', { class: 'plot-head' }, h('h2', {}, title), note && h('p', { class: 'quiet' }, note)),
      this.box,
      this.empty,
      this.legend,
      query,
    );
    this.resizing = new ResizeObserver(() => this.fit());
    this.resizing.observe(this.box);
    this.themeChanged = () => this.rebuild();
    themed.addEventListener('change', this.themeChanged);
    this.setNames(names);
  }

  setNames(names) {
    if (names.join('\n') === this.names.join('\n') && this.uplot) return;
    this.names = names;
    this.drawn = null;
    this.rebuild();
  }

  rebuild() {
    readColours();
    const of = palette();
    const colour = (at) => of.series[at % of.series.length];
    this.uplot?.destroy();
    this.legend.replaceChildren();
    this.values = this.names.map((name, at) => {
      const value = h('span', { class: 'number' });
      const dash = DASHES[at % DASHES.length].join(' ');
      const key = h('svg:svg', { class: 'key', viewBox: '0 0 22 8', 'aria-hidden': 'true' });
      key.append(h('svg:line', { x1: 0, y1: 4, x2: 22, y2: 4, stroke: colour(at), 'stroke-width': 2.5, 'stroke-dasharray': dash || 'none' }));
      this.legend.append(h('li', {}, key, h('span', { class: 'name' }, name), value));
      return value;
    });
    this.time = h('li', { class: 'quiet' });
    this.legend.append(this.time);
    const axis = { stroke: of.quiet, grid: { stroke: of.grid, width: 1 }, ticks: { stroke: of.grid, width: 1, size: 4 }, font: FONT };
    const options = {
      width: Math.max(200, this.box.clientWidth || 400),
      height: this.height,
      padding: [null, RIGHT, null, null],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      scales: { x: { time: true }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
      axes: [
        { ...axis, space: 84, incrs: STEPS, size: 30, values: (_, times) => times.map((time) => clock(time * 1000)) },
        { ...axis, size: 66, values: (_, values) => values.map((value) => short(this.format(value, this.most))) },
      ],
      series: [{}, ...this.names.map((_, at) => ({
        stroke: colour(at),
        width: 1.75,
        dash: DASHES[at % DASHES.length],
        // Only a sample between two gaps is a point: no line shows it.
        points: { show: true, size: 4, fill: colour(at), filter: (plot, series) => lonely(plot.data[series]) },
        spanGaps: false,
      }))],
      hooks: { setCursor: [(plot) => this.tell(plot.cursor.idx)], drawAxes: [(plot) => this.mark(plot)] },
    };
    this.uplot = new uPlot(options, [[], ...this.names.map(() => [])], this.box);
    if (this.drawn) this.draw(...this.drawn);
  }

  /** Draws what happened under the lines. */
  mark({ ctx: context, bbox }) {
    if (!this.drawn) return;
    const ratio = window.devicePixelRatio || 1;
    const [left, top, width, height] = [bbox.left, bbox.top, bbox.width, bbox.height].map((size) => size / ratio);
    context.save();
    context.scale(ratio, ratio);
    drawEvents(context, this.drawn[0], { left, top, width, height }, true);
    context.restore();
  }

  fit() {
    const width = this.box.clientWidth;
    if (width && this.uplot && Math.abs(width - this.uplot.width) > 1) this.uplot.setSize({ width, height: this.height });
  }

  /** Draws lists of values over a timeline. */
  draw(timeline, lists) {
    this.drawn = [timeline, lists];
    const { times, from, to, breaks } = timeline;
    // uPlot connects all points without a null between them.
    const broken = (list, between) => list.flatMap((value, i) => (breaks.includes(i) ? [between(i), value] : [value]));
    const seconds = broken(times, (i) => (times[i - 1] + times[i]) / 2).map((time) => time / 1000);
    this.data = [seconds, ...lists.map((list) => broken(list, () => null))];
    // The values of a plot have one unit.
    this.most = Math.max(0, ...lists.map((list) => list.reduce((most, value) => Math.max(most, value), 0)));
    const isEmpty = !lists.some((list) => list.some((value) => value !== null));
    this.empty.hidden = !isEmpty;
    const told = `${this.title}: ${this.names.join(', ')}, from ${clock(from)} to ${clock(to)}. ${isEmpty ? 'No data. ' : ''}${events(timeline)}`.trim();
    if (this.box.getAttribute('aria-label') !== told) this.box.setAttribute('aria-label', told);
    this.uplot.setData(this.data, false);
    this.uplot.batch(() => {
      this.uplot.setScale('x', { min: from / 1000, max: to / 1000 });
    });
    this.tell(this.uplot.cursor.idx);
  }

  /** The part of the JSON export. */
  saved() {
    const [, lists] = this.drawn ?? [null, []];
    return { title: this.title, unit: UNITS.get(this.format), series: lists.map((values, at) => ({ name: this.names[at], values })) };
  }

  /** Shows the values of a sample, or of the newest one. */
  tell(at) {
    const times = this.data?.[0] ?? [];
    const shown = at ?? times.length - 1;
    this.values.forEach((value, i) => text(value, this.format(this.data?.[i + 1]?.[shown] ?? null, this.most)));
    text(this.time, times[shown] === undefined ? '' : `at ${clock(times[shown] * 1000)}`);
  }

  gone() {
    this.resizing.disconnect();
    themed.removeEventListener('change', this.themeChanged);
    this.uplot?.destroy();
    this.uplot = null;
  }
}

/** The indexes of the values without a neighbour. */
function lonely(list) {
  const has = (i) => list[i] !== null && list[i] !== undefined;
  return list.flatMap((_, i) => (has(i) && !has(i - 1) && !has(i + 1) ? [i] : []));
}

/** The observations in each bucket over time: for each sample their numbers since the sample before, or null. */
export class HeatMap {
  constructor({ title, format, query, note }) {
    this.format = format;
    this.title = title;
    this.canvas = h('canvas', { class: 'heat', role: 'img' });
    this.legend = h('p', { class: 'quiet' });
    this.element = h(
      'section',
      { class: 'plot', 'aria-label': title },
      h('div', { class: 'plot-head' }, h('h2', {}, title), note && h('p', { class: 'quiet' }, note)),
      this.canvas,
      this.legend,
      query,
    );
    this.redraw = () => this.last && this.draw(...this.last);
    this.resizing = new ResizeObserver(this.redraw);
    this.resizing.observe(this.canvas);
  }

  /** The part of the JSON export: the observations in each bucket since the sample before, or null. */
  saved() {
    const [, counts, bounds] = this.last ?? [null, [], []];
    return { title: this.title, unit: '1', bounds, bounds_unit: UNITS.get(this.format), counts };
  }

  draw(timeline, columns, bounds) {
    this.last = [timeline, columns, bounds];
    const { times, from, to } = timeline;
    const { context, width, height } = prepare(this.canvas);
    const of = palette();
    const [left, bottom] = [66, 20];
    const rows = bounds.length + 1;
    const high = (height - bottom) / rows;
    // A column is as wide as the time between two samples, so its colours show observations per second.
    const length = (i) => times[i] - times[i - 1];
    let most = 0;
    columns.forEach((counts, i) => counts?.forEach((count) => (most = Math.max(most, count / length(i)))));
    const wide = width - left - RIGHT;
    const x = (time) => left + ((time - from) / (to - from)) * wide;
    drawEvents(context, timeline, { left, top: 0, width: wide, height: height - bottom }, true);
    context.fillStyle = of.accent;
    columns.forEach((counts, i) => {
      if (!counts) return;
      const start = Math.max(left, x(times[i - 1]));
      const end = x(times[i]);
      counts.forEach((count, row) => {
        if (count <= 0) return;
        // Small counts must be visible next to large ones.
        context.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / length(i) / most);
        context.fillRect(start, height - bottom - (row + 1) * high, Math.max(1, end - start) + 0.4, high - 0.6);
      });
    });
    context.globalAlpha = 1;
    context.font = FONT;
    context.fillStyle = of.quiet;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const every = Math.ceil(13 / high);
    bounds.forEach((bound, row) => {
      if (row % every === 0) context.fillText(short(this.format(bound)), left - 6, height - bottom - (row + 1) * high);
    });
    context.textBaseline = 'top';
    const marks = Math.max(2, Math.floor(wide / 110));
    for (let i = 0; i < marks; i += 1) {
      const time = from + ((to - from) * (i + 0.5)) / marks;
      context.textAlign = 'center';
      context.fillText(clock(time), x(time), height - bottom + 5);
    }
    const sums = new Array(rows).fill(0);
    columns.forEach((counts) => counts?.forEach((count, row) => (sums[row] += count)));
    const all = sums.reduce((sum, count) => sum + count, 0);
    const busiest = sums.indexOf(Math.max(...sums));
    const bucket = bounds[busiest] === undefined ? `over ${this.format(bounds[bounds.length - 1])}` : `up to ${this.format(bounds[busiest])}`;
    const told = all > 0
      ? `A stronger colour means more observations per second. The largest bucket is ${bucket}, with ${Math.round((sums[busiest] / all) * 100)} % of the observations.`
      : 'No data in this range.';
    text(this.legend, told);
    this.canvas.setAttribute('aria-label', `Heat map of latency. ${told} ${events(timeline)}`.trim());
  }

  gone() {
    this.resizing.disconnect();
  }
}
