// Renders a dashboard with Grafana's published libraries, from its JSON and the responses of a Prometheus. Panels whose plugins are in
// Grafana's core, and on no registry, are omitted.
import React from 'react';
import { createRoot } from 'react-dom/client';
import {
  FieldType, applyFieldOverrides, createTheme, dateTime, getDisplayProcessor, getFieldDisplayValues, identityOverrideProcessor,
  standardFieldConfigEditorRegistry, standardTransformers, standardTransformersRegistry, toDataFrame, transformDataFrame,
} from '@grafana/data';
import { BarGauge, BigValue, GlobalStyles, PanelChrome, ThemeContext, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { firstValueFrom } from 'rxjs';
import 'uplot/dist/uPlot.min.css';

const MINUTES = 10;
const STEP = 10;
const WIDTH = 1280;
const ROW = 34;
const DRAWN = ['timeseries', 'stat', 'bargauge', 'table'];

const theme = createTheme({ colors: { mode: 'dark' } });
const to = Date.now();
const from = to - MINUTES * 60_000;
const range = { from: dateTime(from), to: dateTime(to), raw: { from: `now-${MINUTES}m`, to: 'now' } };
const keep = (text) => text;

window.problems = [];
window.drawn = 0;
addEventListener('error', (event) => window.problems.push(`error: ${event.message}`));

const settings = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'color', 'thresholds', 'mappings', 'links', 'description', 'filterable'];
standardFieldConfigEditorRegistry.setInit(() => settings.map((id) => (
  { id, path: id, name: id, override: () => null, editor: () => null, process: identityOverrideProcessor, settings: {}, shouldApply: () => true }
)));
standardTransformersRegistry.setInit(() => Object.values(standardTransformers).map((one) => (
  { id: one.id, name: one.name, transformation: one, editor: () => null, imageDark: '', imageLight: '' }
)));

const variables = { interval: '1m', __rate_interval: '1m', __interval: `${STEP}s`, __range: `${MINUTES}m` };
const filled = (query) => query.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)/g, (_, braced, bare) => variables[braced || bare] ?? '.*');
const number = (text) => (Number.isNaN(Number(text)) && text !== '+Inf' ? null : text === '+Inf' ? Infinity : Number(text));

/** The frames of one query of a panel. */
async function frames(target) {
  const query = encodeURIComponent(filled(target.expr));
  const url = target.instant && !target.range
    ? `/api/v1/query?query=${query}&time=${to / 1000}`
    : `/api/v1/query_range?query=${query}&start=${from / 1000}&end=${to / 1000}&step=${STEP}`;
  const answer = await (await fetch(url)).json();
  if (answer.status !== 'success') throw new Error(answer.error);
  const series = answer.data.result;
  const newest = (one) => number((one.value ?? one.values.at(-1))[1]);
  if (target.format === 'table') {
    const labels = [...new Set(series.flatMap((one) => Object.keys(one.metric)))];
    return [toDataFrame({ refId: target.refId, fields: [
      { name: 'Time', type: FieldType.time, values: series.map(() => to) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: series.map((one) => one.metric[label] ?? '') })),
      { name: `Value #${target.refId}`, type: FieldType.number, values: series.map(newest) },
    ] })];
  }
  return series.map((one) => {
    const values = one.values ?? [one.value];
    const legend = target.legendFormat && target.legendFormat !== '__auto' && target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => one.metric[label] ?? '');
    return toDataFrame({ refId: target.refId, name: legend || undefined, fields: [
      { name: 'Time', type: FieldType.time, values: values.map(([at]) => at * 1000), config: {} },
      { name: 'Value', type: FieldType.number, labels: one.metric, values: values.map(([, value]) => number(value)), config: legend ? { displayNameFromDS: legend } : {} },
    ] });
  });
}

/** What a panel shows: its queries, its transformations, its settings. */
async function data(panel) {
  let all = (await Promise.all(panel.targets.map(frames))).flat();
  if (panel.transformations?.length) all = await firstValueFrom(transformDataFrame(panel.transformations, all));
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  all = applyFieldOverrides({ data: all, fieldConfig: { defaults, overrides }, replaceVariables: keep, theme, timeZone: 'utc' });
  for (const field of all.flatMap((frame) => frame.fields).filter(({ type }) => type !== FieldType.time)) {
    field.config = { ...field.config, custom: { ...defaults.custom, ...field.config.custom } };
    field.display ??= getDisplayProcessor({ field, theme, timeZone: 'utc' });
  }
  return all;
}

function Drawn({ panel, frames: all, width, height }) {
  const options = panel.options ?? {};
  if (!all.length) return 'No data';
  if (panel.type === 'timeseries') {
    const legend = { displayMode: 'list', placement: 'bottom', calcs: [], showLegend: true, ...options.legend };
    return <TimeSeries frames={all} width={width} height={height} timeRange={range} timeZone="utc" legend={legend} options={options} />;
  }
  if (panel.type === 'table') return <TableNG data={all[0]} width={width} height={height} structureRev={1} />;
  const reduceOptions = { calcs: ['lastNotNull'], ...options.reduceOptions };
  const values = getFieldDisplayValues({ fieldConfig: panel.fieldConfig, reduceOptions, replaceVariables: keep, theme, data: all, sparkline: options.graphMode === 'area', timeZone: 'utc' });
  if (panel.type === 'stat') {
    return <div style={{ display: 'flex', gap: 4 }}>{values.map((value, i) => (
      <BigValue key={i} value={value.display} sparkline={value.sparkline} colorMode={options.colorMode ?? 'value'} graphMode={options.graphMode ?? 'none'}
        textMode={values.length > 1 ? 'value_and_name' : options.textMode} justifyMode={options.justifyMode} width={width / values.length - 4} height={height} theme={theme} />
    ))}</div>;
  }
  return <div style={{ display: 'flex', flexDirection: 'column', gap: 4 }}>{values.map((value, i) => (
    <BarGauge key={i} value={value.display} field={value.field} display={value.view?.getFieldDisplayProcessor?.(value.colIndex)} orientation={options.orientation ?? 'horizontal'}
      displayMode={options.displayMode ?? 'gradient'} width={width} height={Math.max(20, height / values.length - 4)} theme={theme} />
  ))}</div>;
}

function Panel({ panel, width, height }) {
  const [all, set] = React.useState(null);
  React.useEffect(() => {
    data(panel)
      .catch((error) => { window.problems.push(`${panel.title}: ${error.message}`); return []; })
      .then((found) => { set(found); window.drawn += 1; });
  }, []);
  return <PanelChrome title={panel.title} width={width} height={height}>
    {(inner, tall) => (all ? <Drawn panel={panel} frames={all} width={inner} height={tall} /> : '')}
  </PanelChrome>;
}

const board = await (await fetch('/board.json')).json();
const panels = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type === 'row' || DRAWN.includes(type));
window.expected = panels.filter(({ type }) => type !== 'row').length;
const column = WIDTH / 24;
const style = { position: 'relative', width: WIDTH, minHeight: '100vh', background: theme.colors.background.canvas, color: theme.colors.text.primary, fontFamily: 'Inter, DejaVu Sans, sans-serif', fontSize: 13 };
createRoot(document.getElementById('root')).render(<ThemeContext.Provider value={theme}>
  <GlobalStyles />
  <div style={style}>{panels.map((panel, i) => {
    const { x, y, w, h } = panel.gridPos;
    return <div key={i} style={{ position: 'absolute', left: x * column + 4, top: y * ROW + 4 }}>
      {panel.type === 'row' ? <b style={{ lineHeight: `${ROW}px`, paddingLeft: 4 }}>{panel.title}</b> : <Panel panel={panel} width={w * column - 8} height={h * ROW - 8} />}
    </div>;
  })}</div>
</ThemeContext.Provider>);
