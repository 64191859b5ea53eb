//! Rules that see in seconds what they would see in minutes.

/// Rewrites the text of a file of rules so that a minute takes a second: every range (`[5m]` becomes `[5s]`), `offset` and `interval`, all by one
/// factor, so that windows keep their proportions. Waiting (`for`) takes a fifth of that again: two seconds in place of ten minutes still ask for
/// several evaluations, while the noise of a window of few seconds would seldom let ten of them agree.
///
/// Names such as `rate5m`, thresholds, and numbers of seconds inside expressions stay.
#[must_use]
pub fn time_lapse(text: &str) -> String {
    let scaled = text.lines().map(|line| {
        let line = after_each(line, "[", 1000);
        let line = after_each(&line, " offset ", 1000);
        [("for: ", 200), ("interval: ", 1000)].iter().fold(line, |line, (key, minute)| {
            if line.trim_start_matches(['-', ' ']).starts_with(key) { after_each(&line, key, *minute) } else { line }
        })
    });
    scaled.map(|line| line + "\n").collect()
}

/// The same line in which each duration that follows `before` counts so many milliseconds a minute.
fn after_each(line: &str, before: &str, minute: u64) -> String {
    let mut parts = line.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + before + &shortened(part, minute))
}

/// The same text with the duration that it begins with shortened; where it begins with none, as it is.
fn shortened(text: &str, minute: u64) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let minutes = match rest.chars().next() {
        Some('m') => 1,
        Some('h') => 60,
        Some('d') => 24 * 60,
        Some('w') => 7 * 24 * 60,
        // What is shorter than a minute has nothing in the rules to be shortened for.
        _ => return text.to_owned(),
    };
    match number.parse::<u64>() {
        Ok(number) => {
            let after = &rest[1..];
            // The step of a subquery.
            let after = after
                .strip_prefix(':')
                .map_or_else(|| after.to_owned(), |step| format!(":{}", shortened(step, minute)));
            format!("{}ms{after}", number * minutes * minute)
        }
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::time_lapse;

    #[test]
    fn a_minute_takes_a_second_and_waiting_a_fifth() {
        let text = "  - interval: 2m\n    rules:\n    - record: a:rate5m\n      expr: rate(a{b=\"1h\"}[5m]) > avg_over_time(a:rate5m[1d] offset 1h) / 300\n      for: 10m\n";
        let fast = "  - interval: 2000ms\n    rules:\n    - record: a:rate5m\n      expr: rate(a{b=\"1h\"}[5000ms]) > avg_over_time(a:rate5m[1440000ms] offset 60000ms) / 300\n      for: 2000ms\n";
        assert_eq!(time_lapse(text), fast);
    }

    #[test]
    fn so_does_the_step_of_a_subquery() {
        assert_eq!(
            time_lapse("sum_over_time(a:rate5m[6h:1m]) > 3\n"),
            "sum_over_time(a:rate5m[360000ms:1000ms]) > 3\n"
        );
    }

    #[test]
    fn what_is_no_duration_stays() {
        let text = "  # for example\n  - queries: [a, m of it]\n    for: 30s\n    labels: {window: \"1h\"}\n";
        assert_eq!(time_lapse(text), text);
    }
}
