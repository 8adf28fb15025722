//! Archives that are broken, or were made to break something.

use super::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The entries of an archive, unpacked.
#[derive(Clone)]
struct Loose {
    manifest: Value,
    entries: BTreeMap<String, Vec<u8>>,
}

impl Loose {
    fn of(file: &Path) -> Self {
        let mut zip = ZipArchive::new(fs::File::open(file).expect("a file")).expect("an archive");
        let mut entries = BTreeMap::new();
        for at in 0..zip.len() {
            let mut entry = zip.by_index(at).expect("an entry");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("read");
            entries.insert(entry.name().to_owned(), bytes);
        }
        let manifest = entries.remove("manifest.json").expect("a manifest");
        Self { manifest: serde_json::from_slice(&manifest).expect("JSON"), entries }
    }

    fn first(&self, beginning: &str) -> String {
        self.entries.keys().find(|name| name.starts_with(beginning)).expect("such an entry").clone()
    }

    /// Puts something into the archive, and the manifest knows.
    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let sha256 = crate::server::keys::hex(&Sha256::digest(&bytes));
        self.manifest["entries"][name] = json!({"bytes": bytes.len(), "sha256": sha256});
        self.entries.insert(name.to_owned(), bytes);
    }

    /// Takes something out, and the manifest knows.
    fn take(&mut self, name: &str) {
        self.manifest["entries"].as_object_mut().expect("an object").remove(name);
        self.entries.remove(name);
    }

    fn pack(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let (stored, deflated) = (CompressionMethod::Stored, CompressionMethod::Deflated);
        for (name, bytes) in &self.entries {
            let how = if bytes.len() > 1_000_000 { deflated } else { stored };
            zip.start_file(name, SimpleFileOptions::default().compression_method(how)).expect("begun");
            zip.write_all(bytes).expect("written");
        }
        zip.start_file("manifest.json", SimpleFileOptions::default().compression_method(stored)).expect("begun");
        zip.write_all(self.manifest.to_string().as_bytes()).expect("written");
        zip.finish().expect("finished").into_inner()
    }
}

/// All ways in which an archive may be wrong: what is wrong, the bytes, and a part of the sentence.
fn wrongs(file: &Path) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let whole = fs::read(file).expect("an archive");
    let right = Loose::of(file);
    let with = |change: &dyn Fn(&mut Loose)| {
        let mut loose = right.clone();
        change(&mut loose);
        loose.pack()
    };
    let picture = right.first("images/");
    let last = right.entries.keys().rfind(|name| name.starts_with("images/")).expect("a picture").clone();
    let database = right.entries.iter().filter(|(name, _)| name.starts_with("database/")).max_by_key(|(_, bytes)| bytes.len());
    let database = database.expect("a part").0.clone();
    let mut flipped = whole.clone();
    let secret = right.entries["secret"].clone();
    let at = flipped.windows(secret.len()).position(|some| some == secret).expect("it is stored as it is");
    flipped[at] ^= 1;
    let later = right.manifest["schema"].as_i64().expect("a number") + 1;
    let bomb = vec![0; 40_000_000];
    vec![
        ("nothing", vec![], "no archive of this program"),
        ("something else", b"Dear reader, ".repeat(500), "no archive of this program"),
        ("the first half", whole[..whole.len() / 2].to_vec(), "was cut off"),
        ("all but the last byte", whole[..whole.len() - 1].to_vec(), "was cut off"),
        ("a bit", flipped, "secret is damaged"),
        ("other contents", with(&|loose| loose.entries.get_mut(&picture).expect("a picture")[9] ^= 1), "checksum"),
        ("other contents at the end", with(&|loose| loose.entries.get_mut(&last).expect("a picture")[9] ^= 1), "checksum"),
        ("a shorter part", with(&|loose| loose.entries.get_mut(&database).expect("a database").truncate(100)), "checksum"),
        ("a bomb", with(&|loose| drop(loose.entries.insert("secret".to_owned(), bomb.clone()))), "larger than the manifest says"),
        ("no manifest", with(&|loose| loose.manifest = json!({})), "manifest makes no sense"),
        ("a way out", with(&|loose| drop(loose.entries.insert("../../evil".to_owned(), vec![1]))), "does not know the entry"),
        ("a way out that the manifest knows", with(&|loose| loose.put("images/../../evil-s.jpg", vec![1])), "that no archive has"),
        ("a root", with(&|loose| loose.put("/etc/moim", vec![1])), "that no archive has"),
        ("something that no archive has", with(&|loose| loose.put("database/extra.copy", vec![1])), "that no archive has"),
        (
            "a picture in other words",
            with(&|loose| loose.put(&picture.to_uppercase().replace("IMAGES", "images").replace("JPG", "jpg"), vec![1])),
            "that no archive has",
        ),
        ("a picture less", with(&|loose| drop(loose.entries.remove(&picture))), "is missing in it"),
        ("a size less", with(&|loose| loose.take(&picture)), "is missing in it"),
        ("no database", with(&|loose| loose.take(&database)), "is missing in it"),
        ("a later format", with(&|loose| loose.manifest["format"] = json!(2)), "it has format 2"),
        ("a word more", with(&|loose| loose.manifest["mood"] = json!("good")), "manifest makes no sense"),
        ("a later schema", with(&|loose| loose.manifest["migrations"][later.to_string()] = json!("00")), "newer version"),
        ("another migration", with(&|loose| loose.manifest["migrations"]["3"] = json!("00")), "migration 3 is not the one"),
        ("another schema", with(&|loose| loose.manifest["schema"] = json!(3)), "contradicts itself"),
        ("a table less", with(&|loose| drop(loose.manifest["rows"].as_object_mut().expect("rows").remove("users"))), "contradicts itself"),
        ("a short secret", with(&|loose| loose.put("secret", b"short".to_vec())), "too short"),
        // What only the database can say.
        ("a row too many", with(&|loose| loose.manifest["rows"]["users"] = json!(99)), "users has 31 rows"),
        (
            "a picture that nobody put in",
            with(&|loose| {
                for size in Size::ALL {
                    loose.put(&format!("images/{}-{}.jpg", uuid::Uuid::from_u128(9).simple(), size.code()), vec![1]);
                }
            }),
            "does not know the picture",
        ),
        (
            "a picture of which nobody knows where it is",
            with(&|loose| {
                for size in Size::ALL {
                    loose.take(&format!("{}-{}.jpg", picture.split_once('-').expect("a name").0, size.code()));
                }
            }),
            "neither there nor missing",
        ),
    ]
}

/// Whether a place is as empty as it was.
async fn is_empty(place: &Place) -> bool {
    let pictures = place.config.data_dir.join("images");
    let is_bare = names_in(&place.config.data_dir).iter().all(|name| matches!(name.as_str(), "site" | "images"));
    let has_tables = if Kind::of(&place.config.database_url) == Kind::Postgres {
        let db = crate::server::db::Db::open(&place.config.database_url).await.expect("a database");
        let mut conn = db.read().await.expect("a connection");
        let tables = "select relname::text from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace".to_owned();
        !strings(&mut conn, tables).await.is_empty()
    } else {
        false
    };
    is_bare && !has_tables && (!pictures.exists() || names_in(&pictures).is_empty())
}

on_both! {
    async fn a_wrong_archive_is_refused_and_changes_nothing(app: TestApp) {
        inhabit(&app).await;
        let (dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let place = Place::like(&app).await;
        for (what, bytes, why) in wrongs(&file) {
            let wrong = dir.path().join("wrong.zip");
            fs::write(&wrong, bytes).expect("written");
            let refused = restore(&place.config, &wrong).await.expect_err(what);
            assert!(refused.contains(why), "{what}: {refused}");
            assert!(is_empty(&place).await, "{what}: {:?}", names_in(&place.config.data_dir));
        }
        assert!(!dir.path().join("../evil").exists());
        // The right one, put together in the same way, is taken.
        let again = dir.path().join("again.zip");
        fs::write(&again, Loose::of(&file).pack()).expect("written");
        taken_back(&place.config, &again).await;
    }

    async fn rows_that_name_nobody_are_refused(app: TestApp) {
        inhabit(&app).await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let mut loose = Loose::of(&file);
        let name = if Kind::of(&app.database_url) == Kind::Postgres { "database/bookmarks.copy" } else { "database/moim.db" };
        let mut bytes = loose.entries[name].clone();
        if name.ends_with(".copy") {
            let nobody = uuid::Uuid::from_u128(5);
            bytes.extend(format!("{nobody}\t{nobody}\t1\tmeal\n").into_bytes());
        } else {
            bytes = with_statement(bytes, "insert into bookmarks (user_id, party_id, created_at) values (zeroblob(16), zeroblob(16), 1)").await;
        }
        loose.put(name, bytes);
        let count = loose.manifest["rows"]["bookmarks"].as_u64().expect("a number");
        loose.manifest["rows"]["bookmarks"] = json!(count + 1);
        fs::write(&file, loose.pack()).expect("written");
        let place = Place::like(&app).await;
        let refused = restore(&place.config, &file).await.expect_err("a row of nobody");
        assert!(refused.contains("bookmarks") && is_empty(&place).await, "{refused}");
    }
}

/// An SQLite file after something was done to it without asking whether it makes sense.
async fn with_statement(file: Vec<u8>, sql: &'static str) -> Vec<u8> {
    use sqlx::{ConnectOptions, Connection, Executor};
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("a.db");
    fs::write(&path, file).expect("written");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).foreign_keys(false);
    let mut conn = options.connect().await.expect("a database");
    conn.execute(sql).await.expect("done");
    conn.close().await.expect("closed");
    fs::read(&path).expect("a file")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_does_what_ours_does_not_is_refused() {
    let app = TestApp::sqlite().await;
    app.member("mina").await;
    let (_dir, file) = shelf();
    back_up(&app.state.config, &file, app.now()).await.expect("backed up");
    let right = Loose::of(&file);
    let broken = {
        let mut bytes = right.entries["database/moim.db"].clone();
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..middle + 4096].fill(0xff);
        bytes
    };
    let trigger = "create trigger evil after insert on messages begin delete from users; end";
    for (bytes, why) in [
        (with_statement(right.entries["database/moim.db"].clone(), trigger).await, "its trigger evil is not as its schema says"),
        (with_statement(right.entries["database/moim.db"].clone(), "drop index parties_due").await, "parties_due"),
        (broken, "cannot be used"),
        (b"no database at all, however long one looks at it".repeat(200), "cannot be used"),
    ] {
        let mut loose = right.clone();
        loose.put("database/moim.db", bytes);
        fs::write(&file, loose.pack()).expect("written");
        let place = Place::like(&app).await;
        let refused = restore(&place.config, &file).await.expect_err(why);
        assert!(refused.contains(why) && is_empty(&place).await, "{why}: {refused}");
    }
}
