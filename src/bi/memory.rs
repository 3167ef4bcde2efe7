//! The memory of PostgreSQL's processes. PostgreSQL does not show how much another session takes, but if it runs on this machine, the
//! kernel does.

use std::fs;

/// Returns the memory that the session of a process takes, its parallel workers included, in megabytes. `None` if the process is
/// not to be seen here: it is gone, PostgreSQL runs on another machine or in a container, or there is no /proc.
pub fn of_session(pid: i32, login: &str, workers: &[i32]) -> Option<u64> {
    let leader = of_process(pid, login)?;
    let title = format!("parallel worker for PID {pid}");
    let workers = workers.iter().filter_map(|worker| of_process(*worker, &title));
    Some((leader + workers.sum::<u64>()) / 1024)
}

/// Returns the kilobytes of a process that are its own, without the buffers that all share; `None` unless it is one of
/// PostgreSQL whose title has this text. Without that, a number of another machine could be taken for a process here.
fn of_process(pid: i32, title: &str) -> Option<u64> {
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command);
    if !command.starts_with("postgres: ") || !command.contains(title) {
        return None;
    }
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
