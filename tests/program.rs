//! The program as an operator meets it: started with something wrong, it says what in a sentence and exits; asked to stop,
//! it stops.
#![cfg(feature = "ssr")]

use sqlx::{Connection, Executor, SqliteConnection};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn program(dir: &TempDir) -> Command {
    let site = dir.path().join("site");
    std::fs::create_dir_all(site.join("pkg")).expect("a directory");
    let mut command = Command::new(env!("CARGO_BIN_EXE_moim"));
    command
        .env_clear()
        .env("MOIM_ADDR", "127.0.0.1:0")
        .env("MOIM_DATA_DIR", dir.path().join("data"))
        .env("MOIM_SITE_DIR", site)
        .env("MOIM_LOG", "info")
        .env("MOIM_WEATHER", "off")
        .stdin(Stdio::null());
    command
}

fn refusal(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().expect("the program runs");
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert!(status.code().is_some_and(|code| code != 0), "{status}: {text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn dir() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn a_wrong_setting_is_named() {
    for (name, value) in [
        ("MOIM_ADDR", "nowhere"),
        ("MOIM_URL", "nowhere"),
        ("MOIM_DEMO", "perhaps"),
        ("MOIM_LOG", "a=b=c"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("SMTP_URL", "http://x"),
        ("SMTP_URL", "smtp://"),
        ("MOIM_OIDC", "My School"),
        ("MOIM_OIDC", "google"),
        ("MOIM_WEATHER", "sunny"),
        ("MOIM_CONFIG", "/nowhere/at/all"),
        ("MOIM_SITE_DIR", "/nowhere/at/all"),
        ("MOIM_DATA_DIR", "/dev/null/data"),
    ] {
        let dir = dir();
        let text = refusal(program(&dir).env(name, value));
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn the_settings_in_deploy_are_read() {
    let dir = dir();
    // With what only some need, but not with what all nodes share: that names machines.
    let own = include_str!("../deploy/moim.env").split("\n\n").next().expect("the settings of one server");
    let settings = own.replace("\n#SMTP_URL=", "\nSMTP_URL=").replace("\n#MOIM_MAIL_FROM=", "\nMOIM_MAIL_FROM=");
    let file = dir.path().join("moim.env");
    std::fs::write(&file, &settings).expect("a file");
    assert_eq!(stop(start(program(&dir).env("MOIM_CONFIG", &file)), "-TERM"), Some(0));
    // And it is this file: what is wrong in it is named.
    std::fs::write(&file, settings.replace("MOIM_PROXIES=1", "MOIM_PROXIES=nginx")).expect("a file");
    let text = refusal(program(&dir).env("MOIM_CONFIG", &file));
    assert!(text.contains("MOIM_PROXIES"), "{text}");
}

#[test]
fn a_weather_provider_is_complete_or_named() {
    for (weather, name, value) in [
        ("open-meteo", "MOIM_WEATHER_URL", "http://api.open-meteo.com"),
        ("open-meteo", "MOIM_WEATHER_URL", "nowhere"),
        ("kma", "KMA_SERVICE_KEY", ""),
    ] {
        let dir = dir();
        let text = refusal(program(&dir).env("MOIM_WEATHER", weather).env(name, value));
        assert!(text.contains(name), "{name}: {text}");
    }
    // It is not asked at the start.
    let dir = dir();
    assert_eq!(stop(start(program(&dir).env("MOIM_WEATHER", "kma").env("KMA_SERVICE_KEY", "key")), "-TERM"), Some(0));
}

#[test]
fn a_sign_in_provider_is_complete_or_named() {
    let campus = [
        ("MOIM_OIDC_CAMPUS_ISSUER", "https://id.campus.example"),
        ("MOIM_OIDC_CAMPUS_LABEL", "Campus"),
        ("MOIM_OIDC_CAMPUS_ID", "moim"),
        ("MOIM_OIDC_CAMPUS_SECRET", "secret"),
    ];
    for (missing, _) in campus {
        let dir = dir();
        let text = refusal(program(&dir).env("MOIM_OIDC", "campus").envs(campus).env_remove(missing));
        assert!(text.contains(missing), "{text}");
    }
    let dir = dir();
    let plain = refusal(program(&dir).env("MOIM_OIDC", "campus").envs(campus).env("MOIM_OIDC_CAMPUS_ISSUER", "http://id.campus.example"));
    assert!(plain.contains("https"), "{plain}");
    // It is not asked at the start.
    assert_eq!(stop(start(program(&dir).env("MOIM_OIDC", "campus").envs(campus)), "-TERM"), Some(0));
}

#[test]
fn a_wrong_command_line_shows_the_right_one() {
    assert!(refusal(program(&dir()).arg("fly")).contains("usage: moim"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    assert!(refusal(program(&dir()).env("MOIM_ADDR", &addr)).contains(&addr));
}

#[test]
fn a_database_that_cannot_be_used_is_named() {
    let dir = dir();
    let damaged = dir.path().join("damaged.db");
    std::fs::write(&damaged, "this is not a database, however long one looks at it. ".repeat(100)).expect("written");
    for (url, word) in [
        ("postgres://nobody@127.0.0.1:1/moim".to_owned(), "PostgreSQL cannot be reached"),
        ("postgres://[".to_owned(), "DATABASE_URL"),
        ("sqlite:///nowhere/at/all/moim.db".to_owned(), "database file"),
        (format!("sqlite://{}", damaged.display()), "database"),
    ] {
        let text = refusal(program(&dir).env("DATABASE_URL", &url));
        assert!(text.contains(word), "{url}: {text}");
    }
}

#[test]
fn a_damaged_secret_is_not_replaced_silently() {
    let dir = dir();
    std::fs::create_dir_all(dir.path().join("data")).expect("a directory");
    std::fs::write(dir.path().join("data/secret"), "short").expect("written");
    assert!(refusal(&mut program(&dir)).contains("damaged"));
}

#[test]
fn migrating_twice_changes_nothing() {
    let dir = dir();
    for _ in 0..2 {
        let done = program(&dir).arg("migrate").output().expect("the program runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

#[test]
fn who_mails_are_from_has_to_be_an_address() {
    let dir = dir();
    let text = refusal(program(&dir).env("SMTP_URL", "smtp://127.0.0.1:1").env("MOIM_MAIL_FROM", "nobody"));
    assert!(text.contains("MOIM_MAIL_FROM"), "{text}");
}

#[test]
fn a_mail_server_is_not_asked_at_the_start() {
    let dir = dir();
    assert_eq!(stop(start(program(&dir).env("SMTP_URL", "smtp://127.0.0.1:1")), "-TERM"), Some(0));
}

#[test]
fn the_doctor_says_that_nothing_is_stuck() {
    let dir = dir();
    let done = program(&dir).arg("doctor").output().expect("the program runs");
    assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains("Nothing is stuck."));
}

#[test]
fn the_doctor_says_what_is_stuck() {
    let dir = dir();
    assert!(program(&dir).arg("migrate").output().expect("the program runs").status.success());
    let file = format!("sqlite://{}", dir.path().join("data/moim.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut conn = SqliteConnection::connect(&file).await.expect("the database");
        let jobs = "insert into jobs (id, kind, payload, run_at, created_at, tries, dead_at, trouble) values
            (randomblob(16), 'send_mail', '{}', 0, 0, 3, 60000, '550 nobody'),
            (randomblob(16), 'forgotten', '{}', 0, 60000, 5, null, 'no answer'),
            (randomblob(16), 'young', '{}', 0, 120000, 4, null, 'no answer')";
        conn.execute(jobs).await.expect("written");
        conn.close().await.expect("closed");
    });
    let Output { status, stdout, stderr } = program(&dir).arg("doctor").output().expect("the program runs");
    let (said, refused) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(1), "{said} {refused}");
    let stuck: Vec<&str> = said.lines().collect();
    assert_eq!(
        stuck,
        [
            "forgotten since 1970-01-01 09:01: tried again after 5 tries: no answer",
            "send_mail since 1970-01-01 09:00: given up after 3 tries: 550 nobody",
        ]
    );
    assert!(refused.contains("moim: 2 jobs are stuck."), "{refused}");
}

#[test]
fn reports_are_printed() {
    let dir = dir();
    let done = program(&dir).arg("reports").output().expect("the program runs");
    assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains("Nothing was reported."));
}

#[test]
fn a_list_of_schools_is_imported_as_a_whole_or_not_at_all() {
    let dir = dir();
    let file = dir.path().join("schools.csv");
    let import = || program(&dir).args(["import", "schools"]).arg(&file).output().expect("the program runs");
    let text = refusal(program(&dir).args(["import", "schools"]).arg(&file));
    assert!(text.contains("schools.csv cannot be read"), "{text}");
    let right = "id,name,english,domain\nhanbit,한빛대학교,\"Hanbit University, Seoul\",hanbit.ac.kr hanbit.kr\n";
    std::fs::write(&file, format!("{right}neul,늘봄대학교,Neulbom,snu.ac.kr\n,,,\n")).expect("written");
    let text = refusal(program(&dir).args(["import", "schools"]).arg(&file));
    for said in ["line 3: the domain snu.ac.kr belongs to snu", "line 4: the id", "2 lines of", "nothing was imported"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    std::fs::write(&file, right).expect("written");
    for sum in ["1 schools: 1 new, 0 changed, 0 as they were.", "1 schools: 0 new, 0 changed, 1 as they were."] {
        let done = import();
        assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains(sum), "{done:?}");
    }
    for wrong in [
        vec!["backup"],
        vec!["restore"],
        vec!["backup", "x", "y"],
        vec!["import"],
        vec!["import", "schools"],
        vec!["import", "towns", "x"],
        vec!["import", "schools", "x", "y"],
    ] {
        assert!(refusal(program(&dir).args(&wrong)).contains("usage: moim"), "{wrong:?}");
    }
}

#[test]
fn the_demo_world_is_loaded_once_and_names_its_accounts() {
    let dir = dir();
    for word in ["60 orders", "is there"] {
        let done = program(&dir).arg("demo").output().expect("the program runs");
        let text = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && text.contains(word) && text.contains("test1@test.com"), "{text}");
    }
    assert_eq!(stop(start(program(&dir).env("MOIM_DEMO", "1")), "-TERM"), Some(0));
}

/// Starts the program and waits until it says that it listens.
fn start(command: &mut Command) -> Child {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
    let mut said = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    assert!(line.contains("listens on"), "{line}");
    // Whatever it says later must not fill the pipe.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    child
}

fn stop(mut child: Child, how: &str) -> Option<i32> {
    let asked = Instant::now();
    let sent = Command::new("kill").args([how, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let status = child.wait().expect("it ends");
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?}", asked.elapsed());
    status.code()
}

#[test]
fn it_takes_memory_in_small_pages() {
    let dir = dir();
    let child = start(&mut program(&dir));
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a process");
    assert_eq!(stop(child, "-TERM"), Some(0));
    assert!(status.contains("THP_enabled:\t0"), "{status}");
}

#[test]
fn asked_to_stop_it_stops() {
    for how in ["-TERM", "-INT"] {
        let dir = dir();
        assert_eq!(stop(start(&mut program(&dir)), how), Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_stop_it_waits_for_no_mail_server_for_long() {
    let dir = dir();
    assert!(program(&dir).arg("migrate").output().expect("the program runs").status.success());
    let database = dir.path().join("data/moim.db");
    let mut conn = open(&database).await;
    let letter = "insert into mails (id, recipient, lang, letter, state, created_at)
            values (x'6d6f696d000000000000000000000001', 'mina@moim.example', 'en',
                    '{\"about\":\"linked\",\"nickname\":\"mina\",\"provider\":\"naver\"}', 'waiting', unixepoch() * 1000);
        insert into jobs (id, kind, payload, run_at, created_at)
            values (randomblob(16), 'send_mail', '{\"mail\":\"6d6f696d-0000-0000-0000-000000000001\"}', 0, unixepoch() * 1000)";
    conn.execute(letter).await.expect("written");
    // It takes the letter's call, and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    silent.set_nonblocking(true).expect("set");
    let url = format!("smtp://{}", silent.local_addr().expect("an address"));
    let child = start(program(&dir).env("SMTP_URL", url));
    let silent = tokio::net::TcpListener::from_std(silent).expect("a port");
    let call = tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.expect("it calls").expect("a connection");
    assert_eq!(stop(child, "-TERM"), Some(0));
    drop(call);
    let waits = "select m.state, j.taken_until is not null from mails m, jobs j where j.kind = 'send_mail'";
    let (state, is_taken): (String, bool) = sqlx::query_as(waits).fetch_one(&mut conn).await.expect("they are there");
    assert_eq!((state.as_str(), is_taken), ("waiting", true), "who comes next takes it up again");
    conn.close().await.expect("closed");
}

#[test]
fn killed_it_starts_again_on_the_same_data() {
    let dir = dir();
    assert_eq!(stop(start(&mut program(&dir)), "-KILL"), None);
    assert!(Path::new(&dir.path().join("data/moim.db")).exists());
    assert_eq!(stop(start(&mut program(&dir)), "-TERM"), Some(0));
}

async fn open(database: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", database.display())).await.expect("the database")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passed_while_it_was_down_is_acted_upon_at_its_start() {
    let dir = dir();
    let database = dir.path().join("data/moim.db");
    let title = "떡볶이에 튀김 추가할 사람";
    assert_eq!(stop(start(program(&dir).env("MOIM_DEMO", "1")), "-KILL"), None);
    let mut conn = open(&database).await;
    let two_hours_ago = "update parties set deadline_at = deadline_at - 7200000 where title = $1 and state = 'open'";
    assert_eq!(sqlx::query(two_hours_ago).bind(title).execute(&mut conn).await.expect("changed").rows_affected(), 1);
    conn.close().await.expect("closed");
    let child = start(program(&dir).env("MOIM_DEMO", "1"));
    let started = Instant::now();
    let mut conn = open(&database).await;
    let last = "select p.closed_by, m.body, m.subject from parties p join messages m on m.room_id = p.room_id
                where p.title = $1 and p.state = 'closed' order by m.seq desc limit 1";
    let found: (String, String, String) = loop {
        if let Some(row) = sqlx::query_as(last).bind(title).fetch_optional(&mut conn).await.expect("read") {
            break row;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "nobody has noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(found, ("deadline".to_owned(), "closed".to_owned(), "deadline".to_owned()), "and its room was told");
    conn.close().await.expect("closed");
    assert_eq!(stop(child, "-TERM"), Some(0));
}

fn carry(dir: &TempDir, how: &str, file: &Path) -> Output {
    program(dir).arg(how).arg(file).output().expect("the program runs")
}

#[test]
fn a_running_server_is_backed_up_and_another_place_is_filled_with_it() {
    let [dir, shelf, other] = [dir(), dir(), dir()];
    let file = shelf.path().join("moim.zip");
    let text = refusal(program(&dir).arg("backup").arg(&file));
    assert!(text.contains("There is no database at") && !dir.path().join("data/moim.db").exists(), "{text}");
    let child = start(program(&dir).env("MOIM_DEMO", "1"));
    let done = carry(&dir, "backup", &file);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.starts_with("Backed up to ") && said.contains("30 people"), "{done:?}");
    assert_eq!((said.lines().count(), done.stderr.len()), (1, 0), "{done:?}");
    let text = refusal(program(&dir).arg("backup").arg(&file));
    assert!(text.contains("moim: ") && text.contains("is there already"), "{text}");
    // Not over the people who are there, whether the server runs or not.
    let text = refusal(program(&dir).arg("restore").arg(&file));
    assert!(text.contains("nothing is overwritten"), "{text}");
    assert_eq!(stop(child, "-TERM"), Some(0));

    let done = carry(&other, "restore", &file);
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.starts_with("Restored from ") && said.contains("30 people"), "{done:?}");
    assert_eq!((said.lines().count(), done.stderr.len()), (1, 0), "{done:?}");
    let [here, there] = [&dir, &other].map(|dir| std::fs::read(dir.path().join("data/secret")).expect("a secret"));
    assert_eq!(here, there);
    let demo = program(&other).arg("demo").output().expect("the program runs");
    assert!(String::from_utf8_lossy(&demo.stdout).contains("The demo world is there"), "{demo:?}");
    assert_eq!(stop(start(&mut program(&other)), "-TERM"), Some(0));
    let text = refusal(program(&other).arg("restore").arg(&file));
    assert!(text.contains("There are people in"), "{text}");
}

#[test]
fn what_is_no_archive_is_named() {
    let dir = dir();
    let file = dir.path().join("moim.zip");
    assert!(refusal(program(&dir).arg("restore").arg(&file)).contains("moim.zip cannot be read"));
    std::fs::write(&file, "Dear reader, this is a letter.").expect("written");
    assert!(refusal(program(&dir).arg("restore").arg(&file)).contains("no archive of this program"));
    assert!(!dir.path().join("data").exists(), "nothing was made");
}
