//! The peers in Python.

use crate::fail::Outcome;
use crate::process::{Running, free_addr, start};
use crate::settings;
use tokio::process::Command;

fn command(program: &str, addr: &str) -> Outcome<Command> {
    let mut command = Command::new(format!("{}/bin/{program}", settings::required("MOIM_BENCH_VENV")?));
    let django = settings::required("MOIM_BENCH_DJANGO")?;
    command
        .env_clear()
        .env("PATH", settings::required("PATH")?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("LANG", "C.UTF-8")
        .current_dir(django);
    match program {
        // Threads, because the other kind of worker opens a connection for every answer.
        "gunicorn" => command.args(["peer.wsgi", "--workers", "2", "--threads", "4", "--keep-alive", "75", "--bind", addr]),
        _ => {
            let (host, port) = addr.rsplit_once(':').unwrap_or(("127.0.0.1", addr));
            command.args(["peer.asgi:application", "--workers", "2", "--log-level", "warning", "--host", host, "--port", port]);
            // While it is busy it does not get to the answers to its own pings, and would close sockets that are well.
            command.args(["--ws-ping-timeout", "600"])
        }
    };
    Ok(command)
}

/// Django's page, from our own tables, in the frame of our own page.
pub async fn pages(database: &str, frame: &str) -> Outcome<Running> {
    let addr = free_addr()?;
    let mut command = command("gunicorn", &addr.to_string())?;
    command.env("PEER_DATABASE", database).env("PEER_FRAME", frame);
    start("gunicorn", command, addr, "/ready").await
}

/// Channels' room.
pub async fn channels() -> Outcome<Running> {
    let addr = free_addr()?;
    let mut command = command("uvicorn", &addr.to_string())?;
    command.env("PEER_REDIS", settings::required("MOIM_BENCH_REDIS")?);
    start("uvicorn", command, addr, "/ready").await
}
