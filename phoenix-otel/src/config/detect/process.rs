//! The process: its ID, its start time and the name of its executable. The arguments are not read, because they may contain secrets.

use super::{Found, Machine, file_name};

/// Clock ticks per second in `/proc` (`USER_HZ`). It does not depend on the kernel's tick rate.
const TICKS: u64 = 100;

pub(super) fn detect(machine: &Machine) -> Vec<Found> {
    let name = machine.executable.as_deref().and_then(file_name);
    // Linux adds this suffix if the file of the program was replaced.
    let name = name.map(|name| name.strip_suffix(" (deleted)").unwrap_or(&name).to_owned());
    vec![
        ("process.pid", Some(machine.pid.to_string())),
        ("process.creation.time", created(machine).map(iso_8601)),
        ("process.executable.name", name),
    ]
}

/// The start time of the process in milliseconds since 1970. Linux only.
fn created(machine: &Machine) -> Option<u64> {
    let stat = machine.text("/proc/self/stat")?;
    // The program name in parentheses can contain any character. Field 22 is the 20th field after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: u64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    let booted = machine.text("/proc/stat")?;
    let booted: u64 = booted.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    booted.checked_mul(1_000)?.checked_add(ticks.checked_mul(1_000)? / TICKS)
}

/// A time in milliseconds since 1970, as `2023-11-21T09:25:34.853Z`.
pub(super) fn iso_8601(milliseconds: u64) -> String {
    let (days, of_day) = (milliseconds / 86_400_000, milliseconds % 86_400_000);
    let (year, month, day) = date(days);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, millisecond) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The year, month and day of a number of days since 1970-01-01.
fn date(mut days: u64) -> (u64, usize, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    (year, month + 1, days + 1)
}
