//! The numbers of the page, as the page writes them.

use phoenix_otel_tests::{Browser, Window, isolated};

use super::served;

const TOTALS: &str = r#"
    import('./metrics.js').then(({ total }) => {
      const family = (type, ...values) => ({ type, series: new Map(values.map((value, at) => [at, { value }])) });
      return {
        ratios: total(family('gauge', 0.25, 0.19, 0.27), 'share', '1', 'gauge'),
        equal: total(family('gauge', 2, 2), 'share', '1', 'gauge'),
        foreign: total(family('gauge', 3, 1), 'depth', '', undefined),
        one: total(family('gauge', 0.25), 'share', '1', 'gauge'),
        inFlight: total(family('gauge', 3, 1), 'active', '', 'up_down_counter'),
        counter: total(family('counter', 3, 1), 'requests_total', '', 'counter'),
      };
    })
"#;

/// The sum of ratios or temperatures has no meaning.
#[test]
fn the_series_of_a_gauge_are_not_added() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    browser.open(&url);
    let expected = serde_json::json!({
        "ratios": "0.19 … 0.27", "equal": "2", "foreign": "1 … 3", "one": "0.25", "inFlight": "4", "counter": "4",
    });
    assert_eq!(browser.evaluate_async(TOTALS.trim()), expected);
}

#[test]
fn rates_that_are_shown_together_have_one_unit() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    browser.open(&url);
    let seen = browser.evaluate_async(
        "import('./format.js').then(({ rate }) => [rate(0.05), rate(5), rate(0), rate(0.05, 5), rate(0, 0.05), rate(null, 5)])",
    );
    assert_eq!(seen, serde_json::json!(["3.00/min", "5/s", "0/s", "0.050/s", "0/min", "–"]));
}

/// Draws an overview of 25 call sets, of which the first row has the highest rate, and of a history without room for 3 series.
const MANY: &str = r#"
    Promise.all(['data', 'overview'].map((file) => import(`${location.origin}/${file}.js`))).then(([{ Store }, { Overview }]) => {
      const metrics = [{ name: 'jobs_total', group: 'calls', role: 'requests', family: 'jobs', definition: 'jobs', bounds: null }];
      const slots = Array.from({ length: 25 }, (_, slot) => slot);
      const series = slots.map((slot) => ({ metric: 0, slot, slots: 1, scale: 1, labels: { job: String(slot) } }));
      const store = new Store();
      const frame = [11000, ...slots.flatMap((slot) => [slot, 10 * slot + 10])];
      const history = { continues: false, metrics, series, next: 0, left_out: 3, base: { at: 1000, values: slots.map(() => 0) }, frames: [frame] };
      store.take({ instance: 'a', started: 0, history });
      const [at, range] = [11000, [0, 2]];
      const state = { store, range, timeline: store.timeline(range, [0, at]), exporters: [], about: null, at, isPinned: true, isLost: false };
      const app = { draw: () => overview.draw(state) };
      const overview = new Overview(app);
      document.getElementById('content').replaceChildren(overview.element);
      app.draw();
      const { element } = overview.calls;
      const [more, select] = [element.querySelector('.more'), element.querySelector('select')];
      const rows = () => [...element.querySelectorAll('.detail')].map((detail) => detail.textContent);
      const seen = { told: overview.leftOut.textContent, first: [rows().length, more.textContent, overview.calls.saved().length] };
      more.click();
      seen.all = [rows().length, more.textContent];
      seen.shown = [element.querySelector('thead'), select].map((part) => part.getClientRects().length > 0);
      seen.fastest = rows()[0];
      select.value = 'name';
      select.dispatchEvent(new Event('change'));
      seen.isSorted = element.querySelector('th[aria-sort]').textContent;
      return seen;
    })
"#;

#[test]
fn long_tables_are_short_at_first_and_a_phone_sorts_them_with_a_list() {
    isolated!();
    let (_telemetry, url) = served(0);
    let browser = Browser::start();
    for (window, shown) in [(Window(360, 740), [false, true]), (Window(1280, 800), [true, false])] {
        browser.set_window(window, false);
        browser.open(&url);
        let expected = serde_json::json!({
            "told": "▲ 3 series do not fit the history: sums and rows are incomplete.",
            "first": [20, "Show all 25", 25],
            "all": [25, "Show the first 20"],
            "shown": shown,
            "fastest": "job=24",
            "isSorted": "Name",
        });
        assert_eq!(browser.evaluate_async(MANY.trim()), expected);
    }
}
