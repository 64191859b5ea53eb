//! A real browser: headless Chromium, driven by ChromeDriver over WebDriver.

use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http;
use crate::ports::free_port;
use crate::process::Process;
use crate::tools::{axe, program};
use crate::wait::wait_until;

/// A browser with one page. Drop closes it.
#[derive(Debug)]
pub struct Browser {
    session: String,
    _driver: Process,
    _folder: TempDir,
}

/// The size of a window, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub struct Window(pub u32, pub u32);

/// Runs before the scripts of each page: keeps violations of the content security policy for the test.
const WATCH: &str = "window.violations = []; document.addEventListener('securitypolicyviolation', \
    (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));";

impl Browser {
    /// Starts a browser.
    ///
    /// # Panics
    ///
    /// If Chromium or ChromeDriver is missing or does not start.
    #[track_caller]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the browser");
        let port = free_port();
        let mut command = Command::new(program("chromedriver", "chromium-driver"));
        command.args([format!("--port={port}"), "--allowed-ips=127.0.0.1".to_owned()]);
        // Chromium does not remove its sockets when a signal kills it.
        command.env("TMPDIR", folder.path());
        let mut driver = Process::start("chromedriver", command, folder.path());
        let base = format!("http://127.0.0.1:{port}");
        driver.wait_ready(|_| http::get(&format!("{base}/status"), &[])?.ok());
        let options = json!({
            "binary": program("chromium", "chromium"),
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-device-scale-factor=1",
                format!("--user-data-dir={}", folder.path().join("profile").display()),
            ],
        });
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let created = call(&format!("{base}/session"), &capabilities);
        let session = created["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {created}"));
        let browser = Self { session: format!("{base}/session/{session}"), _driver: driver, _folder: folder };
        browser.command("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH }));
        browser
    }

    /// Loads a URL.
    #[track_caller]
    pub fn open(&self, url: &str) {
        // If two URLs differ only in their fragment, the browser does not reload the page.
        self.post("url", json!({ "url": "about:blank" }));
        self.post("url", json!({ "url": url }));
    }

    /// Runs a script and returns its result.
    #[track_caller]
    pub fn script(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Awaits the promise of an expression and returns its value.
    #[track_caller]
    pub fn evaluate_async(&self, expression: &str) -> Value {
        let script =
            format!("const done = arguments[0]; ({expression}).then(done, (error) => done(String(error.stack)));");
        self.post("execute/async", json!({ "script": script, "args": [] }))
    }

    /// Sends a command of the Chrome DevTools Protocol.
    #[track_caller]
    pub fn command(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": parameters }))
    }

    /// Returns the visible text of the first element that matches a selector.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let script = format!("return document.querySelector({selector:?})?.innerText ?? ''");
        self.script(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script returns `true` or a text that is not empty, and returns that value.
    #[track_caller]
    pub fn wait(&self, what: &str, script: &str) -> Value {
        wait_until(what, || {
            let seen = self.script(script);
            let is_there = !matches!(seen, Value::Null | Value::Bool(false)) && seen != "" && seen != 0;
            if is_there { Ok(seen) } else { Err(format!("{seen}; the page:\n{}", self.text("body"))) }
        })
    }

    /// Presses keys one after another in the focused element. Special keys are those of WebDriver, such as `\u{e004}` for Tab.
    #[track_caller]
    pub fn keys(&self, keys: &str) {
        let actions = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]);
        let actions: Vec<Value> = actions.collect();
        self.post("actions", json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] }));
    }

    /// Sets the size of the window and the colour scheme.
    #[track_caller]
    pub fn set_window(&self, Window(width, height): Window, dark: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", metrics);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.command("Emulation.setEmulatedMedia", features);
    }

    /// Returns the console messages since the last call, without those of level info, and the policy violations.
    #[track_caller]
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.post("se/log", json!({ "type": "browser" }));
        let entries = log.as_array().cloned().unwrap_or_default();
        let is_error =
            |entry: &&Value| !["INFO", "DEBUG", "FINE"].contains(&entry["level"].as_str().unwrap_or_default());
        let mut errors: Vec<String> = entries.iter().filter(is_error).map(ToString::to_string).collect();
        let violations = self.script("return window.violations");
        errors.extend(violations.as_array().into_iter().flatten().map(ToString::to_string));
        errors
    }

    /// Returns what axe-core reports: the name of each violated rule with the elements.
    #[track_caller]
    pub fn accessibility(&self) -> Vec<String> {
        let source = std::fs::read_to_string(axe()).expect("axe-core is readable");
        self.command("Runtime.evaluate", json!({ "expression": source }));
        let found = self.evaluate_async(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations, passes }) => ({ passes: passes.length, \
             violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`) }))",
        );
        assert!(found["passes"].as_u64().is_some_and(|passes| passes > 10), "axe did not run: {found}");
        found["violations"].as_array().into_iter().flatten().map(ToString::to_string).collect()
    }

    /// Returns the bytes of the page's JavaScript heap after a garbage collection.
    #[track_caller]
    pub fn heap(&self) -> u64 {
        self.command("HeapProfiler.collectGarbage", json!({}));
        let usage = self.command("Runtime.getHeapUsage", json!({}));
        usage["usedSize"].as_f64().unwrap_or_else(|| panic!("no heap: {usage}")) as u64
    }

    /// Returns a screenshot of the window as PNG in base64.
    #[track_caller]
    pub fn screenshot(&self) -> String {
        let taken = self.command("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
        taken["data"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn post(&self, path: &str, body: Value) -> Value {
        call(&format!("{}/{path}", self.session), &body)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Closes Chromium, which would outlive the driver. Errors are ignored here.
        let _ = http::delete(&self.session);
    }
}

/// Returns the value of a WebDriver response.
#[track_caller]
fn call(url: &str, body: &Value) -> Value {
    let answer = http::post(url, "application/json", &body.to_string()).unwrap_or_else(|e| panic!("{url}: {e}"));
    let status = answer.status;
    let answer: Value = serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{url}: {status}, {e}"));
    assert_eq!(status, 200, "{url}: {answer}");
    answer["value"].clone()
}
