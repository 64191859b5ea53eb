//! The page during outages, restarts, and hours of use.

use phoenix_otel_tests::ports::free_port;
use phoenix_otel_tests::{Browser, isolated};

use super::browser::Working;
use super::{served, work};

#[test]
fn a_restart_of_the_service_is_shown() {
    isolated!();
    let port = free_port();
    let (telemetry, url) = served(port);
    let working = Working::begin();
    let browser = Browser::start();
    browser.open(&url);
    let moments = "return Number(/^\\d+/.exec(document.getElementById('pace').textContent)?.[0])";
    browser.wait("some moments", &format!("{moments} >= 3"));
    let before = browser.script(moments).as_u64().unwrap_or_default();
    drop(telemetry);
    browser.wait("the outage, in words", "return document.getElementById('state').textContent.includes('No response since') && document.getElementById('notice').textContent.includes('keeps its data')");
    // The last numbers have their time, and the notice does not move the content.
    browser.wait(
        "the time of the health",
        "return document.querySelector('section[aria-label=Telemetry]').innerText.includes('before the outage')",
    );
    let place = browser.script("return getComputedStyle(document.getElementById('notice')).position");
    assert_eq!(place, "fixed");
    // The console has the failed requests, as expected.
    let messages = browser.console_errors();
    assert!(
        messages
            .iter()
            .all(|line| line.contains("ERR_CONNECTION") || line.contains("ERR_EMPTY") || line.contains("503")),
        "{messages:#?}"
    );

    let (_telemetry, again) = served(port);
    assert_eq!(again, url);
    work();
    browser.wait("the service again", "return document.getElementById('state').textContent.includes('Live') && document.getElementById('notice').textContent.includes('was restarted')");
    // The plots have both, in words too.
    browser.wait("the outage and the restart, in words", "return /No response from .* to .*; restart at /.test(document.querySelector('section[aria-label=Now] p').textContent)");
    // The old data is still there, and the fall to 0 has no rate.
    browser.wait("more moments", &format!("{moments} > {before} + 2"));
    drop(working);
    let rates = "return [...document.querySelectorAll('td.c-rate .number')].every((cell) => /^[\\d.–]+( k)?(\\/s|\\/min)?$/.test(cell.textContent))";
    browser.wait("rates that are none of a fall", rates);
}

/// Draws an overview after a restart. Before the restart, `/items` responds with 200 and 404, and `/old` and a breaker exist. After it,
/// `/items` responds with 200 and 500, first recorded later than the first sample.
const RESTARTED: &str = r#"
    Promise.all(['data', 'calls', 'overview'].map((file) => import(`${location.origin}/${file}.js`))).then(([{ Store }, { measure }, { Overview }]) => {
      const metrics = [
        { name: 'requests_total', group: 'routes', role: 'requests', family: 'http', definition: 'http.requests', bounds: null },
        { name: 'state', group: 'breakers', role: 'value', family: 'state', definition: 'state', bounds: null },
      ];
      const route = (slot, route, status) => ({ metric: 0, slot, slots: 1, scale: 1, labels: { method: 'GET', route, status } });
      const breaker = { metric: 1, slot: 3, slots: 1, scale: 1, labels: { service: 'ink' } };
      const store = new Store();
      const take = (instance, continues, rest) => store.take({ instance, started: 0, history: { continues, metrics, next: 0, ...rest } });
      const before = [route(0, '/items', '200'), route(1, '/items', '404'), route(2, '/old', '200'), breaker];
      take('a', false, { series: before, base: { at: 1000, values: [0, 0, 0, 1] }, frames: [[11000, 0, 10, 1, 10, 2, 10], [21000, 0, 10]] });
      take('b', false, { series: [], base: { at: 31000, values: [] }, frames: [] });
      take('b', true, { series: [route(0, '/items', '500'), route(1, '/items', '200')], frames: [[41000, 0, 10, 1, 30]] });
      const { rates, failures, shares } = measure(store, store.calls('routes')[0], [0, 5]);
      const overview = new Overview({ draw() {} });
      const rows = (range, at) => {
        const exporters = [['otlp', 'failing (consecutive failures: 7): refused'], ['prometheus', 'ok, last scrape 1 s ago']];
        overview.draw({ store, range, timeline: store.timeline(range, [0, at]), exporters: exporters.map(([name, health]) => ({ name, health })), about: null, at, isPinned: true });
        return [...overview.element.querySelectorAll('.calls a, .breakers .name')].map((row) => row.textContent);
      };
      const shown = { before: rows([0, 3], 21000), after: rows([0, 5], 41000) };
      const health = [...overview.element.querySelectorAll('.exporters li')].map((exporter) => exporter.textContent);
      return { rates, failures, shares, ...shown, health };
    })
"#;

#[test]
fn series_of_one_run_do_not_hide_those_of_another() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    browser.open(&url);
    let seen = browser.evaluate_async(RESTARTED.trim());
    let expected = serde_json::json!({
        "rates": [null, 2, 1, null, 4],
        "failures": [null, 0, 0, null, 1],
        "shares": [null, 0, 0, null, 0.25],
        "before": ["/items", "/old", "ink"],
        "after": ["/items"],
        // No word is doubled.
        "health": ["otlp ▲ failing (consecutive failures: 7): refused", "prometheus ok last scrape 1 s ago"],
    });
    assert_eq!(seen, expected);
}

/// Draws a plot of a gauge that is always 1. Times in seconds: samples are missing from 10 to 70 and from 74 to 96. The page got no response from 76 to 95,
/// and the service was started again at 110. The legend has the time of its values, the newest or those under the pointer.
const INTERRUPTED: &str = r#"
    Promise.all(['data', 'plots', 'format'].map((file) => import(`${location.origin}/${file}.js`))).then(async ([{ columns, Store }, { Plot, stateStrip }, { clock }]) => {
      const metrics = [{ name: 'queue', group: 'functions', role: 'active', family: 'queue', definition: 'queue', bounds: null }];
      const series = [{ metric: 0, slot: 0, slots: 1, scale: 1, labels: {} }];
      const store = new Store();
      const take = (instance, started, times) => store.take({ instance, started: started * 1000, history: { continues: false, metrics, series, next: 0,
        base: { at: times[0] * 1000, values: [1] }, frames: times.slice(1).map((at) => [at * 1000]) } });
      store.outages.push({ from: 76000, to: 95000, isOver: true });
      take('a', 0, [1, 2, 4, 6, 8, 10, 70, 72, 74, 96, 98, 100]);
      take('b', 110, [112, 114, 116, 118, 120]);
      const range = [0, store.times.length];
      const timeline = store.timeline(range, [0, 120000]);
      const plot = new Plot({ title: 'Queue', format: String, names: ['queue'] });
      document.getElementById('content').replaceChildren(plot.element);
      const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      await drawn();
      plot.draw(timeline, [store.values(columns(store.of('functions')), range)]);
      await drawn();
      const { ctx, bbox } = plot.uplot;
      // The pixels of a period: those of the line, which is blue, and all that are not empty.
      const pixels = (from, to) => {
        const x = (at) => Math.round(bbox.left + (at / 120) * bbox.width);
        const { data } = ctx.getImageData(x(from), bbox.top, x(to) - x(from), bbox.height);
        let [line, all] = [0, 0];
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] < 60) continue;
          all += 1;
          if (data[i + 2] - data[i] > 100) line += 1;
        }
        return { line, share: all / (data.length / 4) };
      };
      const [samples, gap, outage, restart, after] = [[3, 9], [15, 65], [80, 90], [109.5, 110.5], [113, 119]].map((period) => pixels(...period));
      // A label that is cut off has pixels at the edge.
      const edge = ctx.getImageData(ctx.canvas.width - 1, 0, 1, ctx.canvas.height).data;
      const isCut = edge.some((value, i) => i % 4 === 3 && value > 0);
      const legend = () => plot.legend.textContent;
      const newest = legend();
      plot.uplot.setCursor({ left: (98 / 120) * plot.uplot.bbox.width / devicePixelRatio, top: 10 });
      const pointed = legend();
      const strip = document.createElement('canvas');
      strip.className = 'strip';
      document.getElementById('content').append(strip);
      stateStrip(strip, timeline, store.values(columns(store.of('functions')), range), { 1: { colour: 'accent', height: 1 } });
      const bar = (at) => strip.getContext('2d').getImageData(Math.round(at / 120 * strip.width), strip.height - 2, 1, 1).data[3] > 200;
      return {
        line: [samples, gap, outage, after].map(({ line }) => line > 0),
        bars: [4, 40, 71, 97, 105, 116].map(bar),
        hatched: [gap, outage].map(({ share }) => share > 0.1),
        restart: restart.share > 0.2,
        isCut,
        legend: [newest === `queue1at ${clock(120000)}`, pointed === `queue1at ${clock(98000)}`],
        told: plot.box.getAttribute('aria-label').replaceAll(/\d+:\d+:\d+ [AP]M/g, 'T'),
        rates: store.rates(columns(store.of('functions')), range),
      };
    })
"#;

#[test]
fn gaps_outages_and_restarts_are_drawn() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    browser.open(&url);
    let seen = browser.evaluate_async(INTERRUPTED.trim());
    let none = serde_json::Value::Null;
    let expected = serde_json::json!({
        "line": [true, false, false, true],
        "bars": [true, false, true, true, false, true],
        "hatched": [false, true],
        "restart": true,
        "isCut": false,
        "legend": [true, true],
        "told": "Queue: queue, from T to T. No samples from T to T; no response from T to T; restart at T.",
        // The first sample after missing ones has no rate, and its window does not reach back over them.
        "rates": [none, 0, 0, 0, 0, 0, none, 0, 0, none, 0, 0, none, 0, 0, 0, 0],
    });
    assert_eq!(seen, expected);
}

/// The page polls as fast as it can, and each response has ten moments two seconds apart, so an hour passes in seconds.
const FAST: &str = r#"
    const ask = window.fetch;
    const later = window.setTimeout;
    const started = Date.now();
    window.asked = 0;
    let template = null;
    const time = (moment) => started + moment * 2000;
    Date.now = () => time(window.asked * 10);
    window.setTimeout = (work, delay, ...rest) => later(work, delay < 9000 ? 1 : delay, ...rest);
    window.fetch = async (url, options) => {
      if (!String(url).startsWith('api/v1/history')) return ask(url, options);
      if (!template) {
        template = await (await ask(url, options)).json();
        template.now = started;
        template.history.base.at = started;
        template.history.frames = [];
        template.history.next = 0;
        return new Response(JSON.stringify(template));
      }
      const slots = template.history.base.values.length;
      const first = window.asked * 10;
      window.asked += 1;
      const frames = Array.from({ length: 10 }, (_, i) => {
        const frame = [time(first + i + 1)];
        for (let slot = 0; slot < slots; slot += 1) frame.push(slot, (slot + first + i) % 3);
        return frame;
      });
      const { metrics } = template.history;
      const history = { continues: true, frame: first, next: first + 10, bytes: 0, left_out: 0, metrics, series: [], frames };
      return new Response(JSON.stringify({ ...template, now: time(first + 10), history }));
    };
"#;

#[test]
fn an_open_page_does_not_leak_memory() {
    isolated!();
    let (_telemetry, url) = served(0);
    work();
    let browser = Browser::start();
    browser.command("Page.addScriptToEvaluateOnNewDocument", serde_json::json!({ "source": FAST }));
    browser.open(&url);
    let asked =
        |at_least: u64| browser.wait("so many answers", &format!("return window.asked >= {at_least} && window.asked"));
    // Longer than the page keeps moments: from here on it drops as many as it receives.
    asked(250);
    let moments =
        browser.script("return Number(/^\\d+/.exec(document.getElementById('pace').textContent)[0])").as_u64();
    assert!(moments.is_some_and(|moments| (1_500..2_000).contains(&moments)), "{moments:?} moments");
    let before = browser.heap();
    let passed = asked(250).as_u64().unwrap_or_default();
    asked(passed + 60);
    let after = browser.heap();
    // Twenty minutes of moments. A leak of one moment's values per moment takes far more than this.
    assert!(after < before + before / 10 + 1_000_000, "{before} bytes, and {after} after 600 further moments");
    assert_eq!(browser.console_errors(), [] as [String; 0]);
}
