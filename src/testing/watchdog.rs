//! What a test that hangs leaves behind.

use std::fs;
use std::sync::Once;
use std::time::Duration;

/// No test works for this long; the runner ends those that do a minute later.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// From now on, should this process still be there in two minutes: prints what each of its threads does, as far as the system
/// knows. Once a process, which is once a test.
pub fn watch() {
    static WATCHES: Once = Once::new();
    WATCHES.call_once(|| {
        std::thread::spawn(|| {
            std::thread::sleep(HANGS_AFTER);
            eprintln!("this test hangs; its threads (name, state, waiting in, system call):\n{}", threads());
        });
    });
}

fn threads() -> String {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return "unknown on this system".to_owned() };
    let lines = tasks.flatten().map(|task| {
        let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default().trim().to_owned();
        let state = read("status").lines().find_map(|line| line.strip_prefix("State:").map(|state| state.trim().to_owned()));
        format!("  {} | {} | {} | {}", read("comm"), state.unwrap_or_default(), read("wchan"), read("syscall"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_thread_is_named() {
        let threads = super::threads();
        if cfg!(target_os = "linux") {
            assert!(threads.lines().count() >= 1 && threads.contains(" | "), "{threads}");
        }
    }
}
