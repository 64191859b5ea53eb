// Parses an OpenMetrics exposition into families with their series.

const SUFFIXES = ['_total', '_bucket', '_count', '_sum', '_created', '_info'];

/** The families of an exposition, by name. */
export function parse(text) {
  const families = new Map();
  const family = (name) => {
    if (!families.has(name)) families.set(name, { name, type: 'unknown', help: '', unit: '', series: new Map() });
    return families.get(name);
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) {
      const [, word, name, rest = ''] = /^# (\S+) ?(\S*) ?(.*)$/.exec(line) ?? [];
      if (word === 'HELP') family(name).help = unescape(rest);
      else if (word === 'TYPE') family(name).type = rest;
      else if (word === 'UNIT') family(name).unit = rest;
    } else if (line) {
      sample(line, families, family);
    }
  }
  return families;
}

function sample(line, families, family) {
  const open = line.indexOf('{');
  const space = line.indexOf(' ');
  const name = line.slice(0, open >= 0 && open < space ? open : space);
  let labels = {};
  let rest = line.slice(space + 1);
  if (open === name.length) {
    const read = readLabels(line, open + 1);
    labels = read.labels;
    rest = line.slice(read.end + 1).trimStart();
  }
  const [values, mark] = rest.split(' # ', 2);
  const value = number(values.split(' ')[0]);
  const suffix = SUFFIXES.find((one) => name.endsWith(one) && families.has(name.slice(0, -one.length))) ?? '';
  const of = family(families.has(name) ? name : name.slice(0, name.length - suffix.length));
  const part = families.has(name) ? '' : suffix;
  const { le, quantile, ...own } = labels;
  const inner = part === '_bucket' ? { ...own } : of.type === 'summary' && quantile ? own : labels;
  const key = JSON.stringify(Object.entries(inner).sort());
  if (!of.series.has(key)) of.series.set(key, { labels: inner, value: null, buckets: [], quantiles: [], exemplars: [] });
  const series = of.series.get(key);
  if (part === '_bucket') series.buckets.push([number(le), value]);
  else if (part === '_count') series.count = value;
  else if (part === '_sum') series.sum = value;
  else if (of.type === 'summary' && quantile) series.quantiles.push([number(quantile), value]);
  else if (part !== '_created') series.value = value;
  if (mark) {
    const read = readLabels(mark, 1);
    const [worth, at] = mark.slice(read.end + 1).trim().split(' ');
    series.exemplars.push({ labels: read.labels, value: number(worth), at: at ? Number(at) * 1000 : null, le });
  }
}

function readLabels(line, at) {
  const labels = {};
  while (line[at] !== '}' && at < line.length) {
    const equals = line.indexOf('=', at);
    const name = line.slice(at, equals).replace(/^,/, '');
    let value = '';
    at = equals + 2;
    while (line[at] !== '"' && at < line.length) {
      if (line[at] === '\\') {
        at += 1;
        value += line[at] === 'n' ? '\n' : line[at];
      } else {
        value += line[at];
      }
      at += 1;
    }
    labels[name] = value;
    at += 1;
  }
  return { labels, end: at };
}

function unescape(text) {
  return text.replace(/\\(.)/g, (_, one) => (one === 'n' ? '\n' : one));
}

function number(text) {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

/** The name of a family in a query. That of a counter ends in `_total`. */
export function queryName(family) {
  return family.type === 'counter' ? `${family.name}_total` : family.type === 'info' ? `${family.name}_info` : family.name;
}
