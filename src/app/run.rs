//! The subcommands of the program: `serve` (the default), `migrate`, `demo`, `doctor`, `reports`, `import schools`, `backup`, `restore`.

use super::demo;
use super::server::router;
use super::work;
use crate::features::schools::store::Import;
use crate::features::{moderation, schools};
use crate::live::hub::Hub;
use crate::live::socket::Sockets;
use crate::server::backup;
use crate::server::clock::{Clock, SystemClock};
use crate::server::completions::Completions;
use crate::server::config::Config;
use crate::server::db::Db;
use crate::server::door::Door;
use crate::server::hashing::Hasher;
use crate::server::images::Images;
use crate::server::jobs;
use crate::server::keys::Keys;
use crate::server::mail::Mailer;
use crate::server::oidc::Providers;
use crate::server::rate_limit::RateLimiter;
use crate::server::state::{AppState, Node};
use crate::server::telemetry;
use crate::shared::error::AppError;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::serve::ListenerExt;
use futures_util::FutureExt;
use leptos::config::LeptosOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Requests and jobs that are not finished this long after SIGTERM are dropped. With closing the database it stays below 10 s.
const STOP_WITHIN: Duration = Duration::from_secs(8);
/// After SIGTERM, who came in just before has this long to say what they want; then connections without a request are closed.
const LISTEN_FOR: Duration = Duration::from_millis(300);
/// Sockets have this long to take the closing frame.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
const USAGE: &str = "usage: moim [serve | migrate | demo | doctor | reports | import schools FILE | backup FILE | restore FILE]";

/// Runs the subcommand; a failure is a sentence on standard error and exit code 1 (2 for a wrong command line).
pub async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_known = matches!(
        arguments[..],
        [] | ["serve" | "migrate" | "demo" | "doctor" | "reports"] | ["import", "schools", _] | ["backup" | "restore", _]
    );
    if !is_known {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("moim: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[&str]) -> Result<(), String> {
    let config = Config::from_env()?;
    telemetry::start_logging(&config.log)?;
    take_small_pages();
    if let ["backup" | "restore", file] = arguments {
        return carry(&config, Path::new(file), arguments[0] == "backup").await;
    }
    let state = prepare(config, Arc::new(SystemClock)).await?;
    match arguments {
        [] | ["serve"] => serve(state).await,
        ["doctor"] => doctor(&state).await,
        ["reports"] => reports(&state).await,
        ["import", "schools", file] => import_schools(&state, Path::new(file)).await,
        ["demo"] => {
            let outcome = demo::load(&state).await.map_err(not_loaded)?;
            println!("{}", outcome.text());
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What the allocator gives back in pieces stays given back. With huge pages, which it asks for, the system fills up two megabytes where
/// one page of them is in use, again and again: more than a third of what a busy node held was such air.
fn take_small_pages() {
    // Not everywhere allowed; it is a matter of memory only.
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::info!(%error, "memory is taken in huge pages");
    }
}

/// Writes everything into a file, or brings everything back from it. Asked to stop, it leaves nothing half done behind. Neither
/// touches the schema of a database that is there.
async fn carry(config: &Config, file: &Path, is_backup: bool) -> Result<(), String> {
    let asked = watch_signals().map_err(|e| format!("The system's signals cannot be listened for: {e}"))?;
    let work =
        async { if is_backup { backup::back_up(config, file, SystemClock.now()).await } else { backup::restore(config, file).await } };
    let summary = tokio::select! {
        done = work => done?,
        () = asked.cancelled() => return Err("It was asked to stop before it was done".to_owned()),
    };
    println!("{} {}: {summary}", if is_backup { "Backed up to" } else { "Restored from" }, file.display());
    Ok(())
}

fn unreadable(error: AppError) -> String {
    format!("The database cannot be read: {error}")
}

/// Prints what people have reported.
async fn reports(state: &AppState) -> Result<(), String> {
    let mut conn = state.db.read().await.map_err(unreadable)?;
    let reports = moderation::store::newest(&mut conn).await.map_err(unreadable)?;
    reports.iter().for_each(|report| println!("{report}"));
    if reports.is_empty() {
        println!("Nothing was reported.");
    }
    Ok(())
}

/// Takes over a list of schools, as a whole or not at all.
async fn import_schools(state: &AppState, path: &Path) -> Result<(), String> {
    let file = std::fs::read(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    let unwritable = |error: AppError| format!("The database cannot be written: {error}");
    let mut tx = state.db.begin().await.map_err(unwritable)?;
    match schools::store::import(&mut tx, &file).await.map_err(unwritable)? {
        Import::Done(sum) => {
            tx.commit().await.map_err(unwritable)?;
            println!("{sum}");
            Ok(())
        }
        Import::Refused(wrong) => {
            wrong.iter().for_each(|wrong| eprintln!("{wrong}"));
            Err(format!("{} lines of {} are wrong; nothing was imported.", wrong.len(), path.display()))
        }
    }
}

/// Says what does not get done by itself.
async fn doctor(state: &AppState) -> Result<(), String> {
    let mut conn = state.db.read().await.map_err(unreadable)?;
    let stuck = jobs::stuck(&mut conn).await.map_err(unreadable)?;
    for job in &stuck {
        println!("{job}");
    }
    if !stuck.is_empty() {
        return Err(format!("{} jobs are stuck.", stuck.len()));
    }
    println!("Nothing is stuck.");
    Ok(())
}

/// Opens everything that a node stands on and brings the schema up to date.
///
/// # Errors
/// A sentence for the operator.
pub async fn prepare(config: Config, clock: Arc<dyn Clock>) -> Result<AppState, String> {
    std::fs::create_dir_all(&config.data_dir).map_err(|e| format!("MOIM_DATA_DIR {} cannot be made: {e}", config.data_dir.display()))?;
    let root = match &config.secret {
        Some(secret) => secret.clone(),
        None => Keys::root_in(&config.data_dir)?,
    };
    let db = Db::open(&config.database_url).await?;
    db.migrate().await?;
    schools::store::bring_starter(&db).await.map_err(|e| format!("The list of schools cannot be brought in: {e}"))?;
    let hasher = Hasher::new().map_err(|_| "The machine's random source cannot be read".to_owned())?;
    let leptos = site(&config)?;
    let mailer = Mailer::of(&config)?;
    Ok(AppState::from(Node {
        db,
        clock,
        hasher,
        images: Images::open(&config)?,
        keys: Arc::new(Keys::derive(&root)),
        limiter: Arc::new(RateLimiter::default()),
        mailer,
        providers: Providers::of(&config),
        completions: Completions::of(&config),
        work: Arc::default(),
        hub: Hub::default(),
        leptos,
        config: Arc::new(config),
    }))
}

/// Where the browser's files are: named by the operator, beside the program, or where the build puts them.
fn site(config: &Config) -> Result<LeptosOptions, String> {
    let beside = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned)).unwrap_or_default();
    let places = [config.site_dir.clone(), Some(beside.join("site")), Some(beside.join("../site")), Some(PathBuf::from("target/site"))];
    let root = match &config.site_dir {
        Some(dir) => dir.clone(),
        None => places
            .into_iter()
            .flatten()
            .find(|place| place.join("pkg").is_dir())
            .ok_or("The browser's files are not beside the program; MOIM_SITE_DIR can name their directory")?,
    };
    if !root.join("pkg").is_dir() {
        return Err(format!("MOIM_SITE_DIR {} holds no pkg directory", root.display()));
    }
    // A release build stands in a directory named by its contents; a development build does not.
    let pkg = match std::fs::read_to_string(root.join("build.txt")) {
        Ok(build) => format!("pkg/{}", build.trim()),
        Err(_) => "pkg".to_owned(),
    };
    Ok(LeptosOptions::builder().output_name("moim").site_root(root.display().to_string()).site_pkg_dir(pkg).site_addr(config.addr).build())
}

fn not_loaded(error: AppError) -> String {
    match error {
        AppError::Invalid(_) => {
            "The demo world was not loaded: somebody here has one of its emails or nicknames. It wants an empty database.".to_owned()
        }
        other => format!("The demo world was not loaded: {other}"),
    }
}

async fn serve(state: AppState) -> Result<(), String> {
    let demo = if state.config.demo { Some(demo::load_if_empty(&state).await.map_err(not_loaded)?) } else { None };
    let addr = state.config.addr;
    let asked = watch_signals().map_err(|e| format!("The system's signals cannot be listened for: {e}"))?;
    let listener = Door::open(addr, asked.clone()).await.map_err(|e| format!("MOIM_ADDR {addr} cannot be listened on: {e}"))?;
    println!("Moim listens on {}", state.config.url);
    if let Some(outcome) = demo {
        println!("{}", outcome.text());
    }
    if state.shows_mail() {
        tracing::warn!("SMTP_URL is not set: mails are not sent, everybody can read them at /dev/mail");
    } else if state.mailer.is_none() {
        tracing::warn!("SMTP_URL is not set: mails are not sent, and addresses count as proved");
    }
    let hands = work::start(state.clone(), asked.clone());
    // Without this, streamed pages wait for 40 ms.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service: IntoMakeServiceWithConnectInfo<_, SocketAddr> =
        router(state.clone(), Sockets::start(state.clone())).into_make_service_with_connect_info();
    let drain = {
        let (asked, hub) = (asked.clone(), state.hub.clone());
        async move {
            asked.cancelled().await;
            tokio::time::sleep(LISTEN_FOR).await;
            tracing::info!("stopping: sockets are told to come back, requests are finished");
            hub.shutdown();
        }
    };
    let overdue = async {
        asked.cancelled().await;
        tokio::time::sleep(STOP_WITHIN).await;
    }
    .shared();
    tokio::select! {
        served = axum::serve(listener, service).with_graceful_shutdown(drain) => served.map_err(|e| format!("The server stopped: {e}"))?,
        () = overdue.clone() => tracing::warn!("some requests did not finish in time"),
    }
    state.hub.drained(CLOSE_WITHIN).await;
    tokio::select! {
        biased;
        () = hands.rest() => {}
        () = overdue => tracing::warn!("some jobs did not finish in time; they are taken up again in some minutes"),
    }
    state.db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Notices SIGTERM and Ctrl-C from now on.
fn watch_signals() -> std::io::Result<CancellationToken> {
    let asked = CancellationToken::new();
    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let told = asked.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        told.cancel();
    });
    Ok(asked)
}
