//! Programs that are measured, each a process group of its own, so that all of it ends with its handle.

use crate::fail::{Fail, Outcome};
use crate::http::Client;
use crate::{fail, settings};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// How long a program may take until it answers.
const START_WITHIN: Duration = Duration::from_secs(60);

/// A program that runs until this is dropped.
pub struct Running {
    child: Child,
    group: Pid,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Workers of its own end with it. It has nothing to save.
        let _ = killpg(self.group, Signal::SIGKILL);
        let _ = self.child.start_kill();
    }
}

impl Running {
    /// What it holds of the machine's memory for itself, in bytes: not the parts of files that the system keeps and can drop.
    pub fn memory(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.group))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).and_then(|number| number.trim().parse::<f64>().ok());
        kilobytes.map(|n| n * 1024.0).ok_or_else(|| Fail("the kernel does not tell the memory of a process".to_owned()))
    }
}

/// A port of this machine that nobody listens on, below those that the system hands out by itself.
pub fn free_addr() -> Outcome<SocketAddr> {
    for _ in 0..200 {
        let port = 20_000 + (uuid::Uuid::new_v4().as_u128() % 12_000) as u16;
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        if std::net::TcpListener::bind(addr).is_ok() {
            return Ok(addr);
        }
    }
    fail!("no free port was found")
}

/// Starts a program that listens on `addr`, and waits until `path` there is answered. What it prints goes to a file.
pub async fn start(name: &str, mut command: Command, addr: SocketAddr, path: &str) -> Outcome<Running> {
    let log = settings::work()?.join(format!("{name}-{}.log", addr.port()));
    let file = File::create(&log)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0).kill_on_drop(true);
    let child = command.spawn().map_err(|error| Fail(format!("{name} cannot be started: {error}")))?;
    let id = child.id().and_then(|id| i32::try_from(id).ok()).ok_or_else(|| Fail(format!("{name} ended at once")))?;
    let mut running = Running { child, group: Pid::from_raw(id), addr };
    let until = Instant::now() + START_WITHIN;
    loop {
        if let Ok(mut client) = Client::connect(addr).await
            && client.get(path, "").await.is_ok_and(|status| status == 200)
        {
            return Ok(running);
        }
        if running.child.try_wait()?.is_some() || Instant::now() > until {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(20).collect();
            fail!("{name} does not answer. Its last lines:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// One of this program's own peers.
pub async fn start_peer(kind: &str, arguments: &[&str]) -> Outcome<Running> {
    let addr = free_addr()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("peer").arg(kind).arg(addr.to_string()).args(arguments);
    start(kind, command, addr, "/ready").await
}
