//! What the program stands on, and what is done to it.

use moim::server::db::Db;
use sqlx::{Connection, PgConnection};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

/// Nothing that is waited for takes this long, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks at something whose time is taken.
pub const MOMENT: Duration = Duration::from_millis(5);

/// How often the short form, which is a part of `make test`, does each thing; `MOIM_CHAOS_CYCLES` has the number for the long one.
pub fn cycles(short: u32) -> u32 {
    std::env::var("MOIM_CHAOS_CYCLES").ok().map_or(short, |number| number.parse().expect("MOIM_CHAOS_CYCLES is a number"))
}

/// Whether this is the long form, which has the machine to itself and a release build.
pub fn is_long() -> bool {
    std::env::var_os("MOIM_CHAOS_CYCLES").is_some()
}

/// Says what cannot be tried on this machine, also in a report: nobody reads what a test that passes has said.
pub fn leave_out(what: &str) {
    println!("left out: {what}");
    let reports = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reports");
    std::fs::create_dir_all(&reports).expect("a directory");
    std::fs::write(reports.join("left-out.txt"), format!("{what}\n")).expect("written");
}

/// Runs one of the repository's scripts; its last line.
pub fn script(name: &str, action: &str, directory: &Path, options: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let done = Command::new(root.join("scripts").join(name))
        .arg(action)
        .arg(directory)
        .args(options)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .expect("the script runs");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{name} {action}: {said}");
    said.lines().last().unwrap_or_default().to_owned()
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

/// A directory, and a database that keeps what it has acknowledged.
pub struct World {
    dir: TempDir,
    /// Its address.
    pub url: String,
    postgres: Option<PathBuf>,
}

impl World {
    pub fn on_sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", dir.path().join("data/moim.db").display());
        Self { dir, url, postgres: None }
    }

    pub fn on_postgres() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        // It runs as another user, who has to get through.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(dir.path(), open).expect("opened");
        let postgres = dir.path().join("postgres");
        let url = script("postgres.sh", "start", &postgres, &["-c fsync=on -c synchronous_commit=on -c full_page_writes=on"]);
        Self { dir, url, postgres: Some(postgres) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Ends the database's server in the middle of everything, as a crash does, and starts it again. This is over at the moment when it
    /// takes connections; what it returns, when the script has noticed that as well.
    pub async fn crash_the_database(&self) -> JoinHandle<String> {
        let mut before = PgConnection::connect(&self.url).await.expect("PostgreSQL");
        let dir = self.postgres.clone().expect("PostgreSQL");
        let (began, restart) = (Instant::now(), spawn_blocking(move || script("postgres.sh", "crash", &dir, &[])));
        while before.ping().await.is_ok() {
            assert!(began.elapsed() < PATIENCE, "it does not crash");
            sleep(MOMENT).await;
        }
        while PgConnection::connect(&self.url).await.is_err() {
            assert!(began.elapsed() < PATIENCE, "it does not start");
            sleep(MOMENT).await;
        }
        restart
    }

    /// A node that listens on a port of its own, always the same.
    pub fn node(&self) -> Node {
        let site = self.path("site");
        std::fs::create_dir_all(site.join("pkg")).expect("a directory");
        let port = free_port();
        Node {
            port,
            child: Mutex::new(None),
            log: self.path(&format!("log-{port}")),
            wrapper: Vec::new(),
            settings: [
                ("PATH", std::env::var("PATH").unwrap_or_default()),
                ("MOIM_ADDR", format!("127.0.0.1:{port}")),
                ("MOIM_DATA_DIR", self.path("data").display().to_string()),
                ("MOIM_SITE_DIR", site.display().to_string()),
                ("MOIM_LOG", "warn".to_owned()),
                ("MOIM_WEATHER", "off".to_owned()),
                ("MOIM_SECRET", "of this test alone, and long enough to be one".to_owned()),
                ("DATABASE_URL", self.url.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        }
    }

    /// The database, past the program.
    pub async fn database(&self) -> Db {
        Db::open(&self.url).await.expect("the database")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(postgres) = &self.postgres {
            script("postgres.sh", "stop", postgres, &[]);
        }
    }
}

/// The program, run as often as it is killed.
pub struct Node {
    port: u16,
    child: Mutex<Option<Child>>,
    log: PathBuf,
    wrapper: Vec<String>,
    settings: Vec<(String, String)>,
}

impl Node {
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// Runs it by another program, whose arguments end with the name of ours. It has to become ours in the end (`exec`).
    pub fn run_by(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(ToString::to_string).collect();
        self
    }

    pub fn addr(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn pid(&self) -> u32 {
        self.child.lock().expect("unharmed").as_ref().expect("it runs").id()
    }

    /// Starts it and waits until it answers; how long that took.
    pub async fn start(&self) -> Duration {
        let began = Instant::now();
        let ours = std::env::var("MOIM_CHAOS_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_moim").to_owned());
        let all: Vec<&str> = self.wrapper.iter().map(String::as_str).chain([ours.as_str()]).collect();
        let log = std::fs::File::options().create(true).append(true).open(&self.log).expect("a log");
        let child = Command::new(all[0])
            .args(&all[1..])
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the program runs");
        *self.child.lock().expect("unharmed") = Some(child);
        while !self.answers().await {
            assert!(began.elapsed() < PATIENCE, "it does not start: {}", self.said());
            sleep(MOMENT).await;
        }
        began.elapsed()
    }

    /// Whether it serves.
    pub async fn answers(&self) -> bool {
        let answer = super::people::web().get(format!("http://{}/readyz", self.addr())).timeout(Duration::from_secs(2)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Ends it without a word.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().expect("unharmed").take() {
            child.kill().expect("killed");
            child.wait().expect("ended");
        }
    }

    /// What it has logged.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the node on port {} said:\n{}", self.port, self.said());
        }
    }
}
