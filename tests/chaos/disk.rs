//! A disk that can be full.

use super::world::{Node, World};
use sqlx::{Connection, SqliteConnection};
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Mounts a disk in memory and says so; takes it away when its standard input ends: with the test, also when that is killed.
const KEEPER: &str = r#"
trap '' HUP INT TERM
mount -t tmpfs -o size=64m,mode=755 moim-chaos "$0" || exit 1
echo mounted
read -r _
umount -l "$0"
"#;

/// Where the program's data lie. Have it before the node, so that it is there for longer.
pub enum Disk {
    /// A small disk of its own, which is filled until nothing is left (`ENOSPC`).
    Small(Mount),
    /// A file may become no larger than this says (`EFBIG`): not a full disk, but what a file system answers at its own bound.
    Limit,
}

/// A disk that is mounted as long as this lives.
pub struct Mount {
    dir: PathBuf,
    keeper: Child,
}

impl Disk {
    /// A small one where a world keeps its data; none where no disk can be mounted: that takes the rights of root.
    pub fn small(world: &World) -> Option<Self> {
        let dir = world.path("data");
        std::fs::create_dir_all(&dir).expect("a directory");
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .arg(&dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut said = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut said).expect("a line");
        if said.is_empty() {
            keeper.wait().expect("ended");
            return None;
        }
        Some(Self::Small(Mount { dir, keeper }))
    }

    /// Lets nothing more be written.
    pub async fn fill(&self, world: &World, node: &Node) {
        match self {
            Self::Small(mount) => mount.fill(world).await,
            Self::Limit => limit(node, "1"),
        }
    }

    /// Lets everything be written again.
    pub fn clear(&self, node: &Node) {
        match self {
            Self::Small(mount) => std::fs::remove_file(mount.filler()).expect("removed"),
            Self::Limit => limit(node, "unlimited"),
        }
    }
}

impl Mount {
    fn filler(&self) -> PathBuf {
        self.dir.join("filler")
    }

    async fn fill(&self, world: &World) {
        // A file is written anew without more room than it has: the log, cut to nothing, needs some for whatever comes next.
        let mut conn = SqliteConnection::connect(&world.url).await.expect("the database");
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut conn).await.expect("a checkpoint");
        conn.close().await.expect("closed");
        let mut file = std::fs::File::create(self.filler()).expect("a file");
        let end = std::io::copy(&mut std::io::repeat(0), &mut file).expect_err("it has an end");
        assert_eq!(end.kind(), ErrorKind::StorageFull);
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Its standard input ends with this.
        let _ = self.keeper.wait();
    }
}

fn limit(node: &Node, bytes: &str) {
    let pid = node.pid().to_string();
    let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status().expect("prlimit runs");
    assert!(done.success());
}
