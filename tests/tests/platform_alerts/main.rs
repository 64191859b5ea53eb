//! The alerts that each scenario of the load generator raises, and when: the expected ones, and no other.
//!
//! A real platform does the work of the scenario, and its expositions are recorded at points of that work. The recorded samples get the
//! timestamps of 90 minutes of such work, and promtool evaluates the unchanged rules of the repository on them. So the result depends neither
//! on the speed of the machine nor on the time of day.

mod evaluated;
mod expected;
mod recording;
mod timeline;

use expected::Expected;
use phoenix_otel_tests::Platform;
use recording::Recorder;
use timeline::{STEP, Timeline, Took};

/// Minutes before, during and after the scenario.
const BEFORE: usize = 20;
const WITHIN: usize = 30;
const AFTER: usize = 40;

#[test]
fn calm() {
    raises_the_expected_alerts(&expected::CALM);
}

#[test]
fn errors() {
    raises_the_expected_alerts(&expected::ERRORS);
}

#[test]
fn slow() {
    raises_the_expected_alerts(&expected::SLOW);
}

#[test]
fn outage() {
    raises_the_expected_alerts(&expected::OUTAGE);
}

#[test]
fn attack() {
    raises_the_expected_alerts(&expected::ATTACK);
}

#[test]
fn every_scenario_is_expected_to_raise_something() {
    let expected = [expected::CALM, expected::ERRORS, expected::SLOW, expected::OUTAGE, expected::ATTACK];
    assert_eq!(Platform::scenarios(), expected.map(|expected| expected.scenario));
}

fn raises_the_expected_alerts(expected: &Expected) {
    let timeline = match expected.scenario {
        "outage" => outage_timeline(expected.acts),
        scenario => timeline_of(scenario, expected.acts, expected.took),
    };
    evaluated::assert_alerts(&timeline, &expected.fires());
}

/// Calm work, the work of the scenario, and calm work again.
fn timeline_of(scenario: &str, acts: usize, took: Took) -> Timeline {
    let mut recorder = Recorder::start();
    recorder.run_scenario("calm", expected::CALM.acts);
    recorder.run_scenario(scenario, acts);
    recorder.run_scenario("calm", expected::CALM.acts);
    let points = recorder.finish();
    let calm = expected::CALM.took;

    let mut timeline = Timeline::default();
    timeline.repeat(1, &points[0], &points[0], calm);
    timeline.repeat(steps(BEFORE), &points[0], &points[1], calm);
    timeline.repeat(steps(WITHIN), &points[1], &points[2], took);
    timeline.repeat(steps(AFTER), &points[2], &points[3], calm);
    timeline
}

/// Calm work all the time, while two services are down. In the first step of the outage the breakers open. Results between the start of
/// the services and the closing of the breakers depend on the machine, and are omitted.
fn outage_timeline(acts: usize) -> Timeline {
    let mut recorder = Recorder::start();
    recorder.run_scenario("calm", acts);
    recorder.start_outage();
    recorder.run_scenario("calm", acts);
    recorder.run_scenario("calm", acts);
    recorder.end_outage();
    recorder.run_scenario("calm", acts);
    let points = recorder.finish();
    let took = expected::OUTAGE.took;

    let mut timeline = Timeline::default();
    timeline.repeat(1, &points[0], &points[0], took);
    timeline.repeat(steps(BEFORE), &points[0], &points[1], took);
    timeline.repeat(1, &points[1], &points[2], took);
    timeline.repeat(steps(WITHIN) - 1, &points[2], &points[3], took);
    timeline.repeat(steps(AFTER), &points[4], &points[5], took);
    timeline
}

fn steps(minutes: usize) -> usize {
    minutes * 60 / STEP
}
