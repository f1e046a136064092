//! How much memory there is, asked before much of it is taken: a clear error beats being killed.

use std::fs;

use crate::failure::{Failure, Result};

/// Fails if `bytes` for `what` are more than the machine has left.
pub(crate) fn ensure(bytes: u128, what: &str) -> Result {
    match available() {
        Some(available) if bytes > u128::from(available) => Err(Failure::environment(format!(
            "{what} needs {}, but only {} of memory are available",
            human(bytes),
            human(u128::from(available)),
        ))),
        None if bytes > isize::MAX as u128 => Err(Failure::environment(format!(
            "{what} needs {}, more than a program can address",
            human(bytes)
        ))),
        _ => Ok(()),
    }
}

/// The bytes that can still be taken; None where the system does not say.
fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok()?;
    let line = machine
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    let machine = kibibytes.saturating_mul(1024);
    Some(container().map_or(machine, |container| container.min(machine)))
}

/// What the control group leaves, where a limit is set. Its page cache can be dropped and does not count.
fn container() -> Option<u64> {
    let read = |name: &str| fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok();
    let limit: u64 = read("memory.max")?.trim().parse().ok()?;
    let statistics = read("memory.stat")?;
    let taken: u64 = statistics
        .lines()
        .find_map(|line| line.strip_prefix("anon "))?
        .trim()
        .parse()
        .ok()?;
    Some(limit.saturating_sub(taken))
}

/// A number of bytes as people read it.
fn human(bytes: u128) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    match unit {
        0 => format!("{bytes} bytes"),
        _ => format!("{value:.1} {}", units[unit]),
    }
}
