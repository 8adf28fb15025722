//! Schools, through the router and as an operator brings them in.

use super::api::ListSchools;
use super::directory::starter;
use super::store::{Import, Sum, bring_starter, find, import, named};
use crate::features::accounts::api::{ReadAccount, SignUp};
use crate::features::accounts::model::SignUpForm;
use crate::on_both;
use crate::server::db::Db;
use crate::shared::error::AppError;
use crate::testing::{PASSWORD, TestApp};

const HEADING: &str = "id,name,english,domain\n";

/// What an operator is told who imports these lines.
async fn bring(app: &TestApp, lines: &str) -> Import {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    let outcome = import(&mut tx, format!("{HEADING}{lines}").as_bytes()).await.expect("an outcome");
    if matches!(outcome, Import::Done(_)) {
        tx.commit().await.expect("committed");
    }
    outcome
}

async fn domains(app: &TestApp, id: &str) -> Option<Vec<String>> {
    find(&mut app.state.db.read().await.expect("a connection"), id).await.expect("an answer").map(|school| school.domains)
}

fn sum(new: usize, changed: usize, same: usize) -> Import {
    Import::Done(Sum { new, changed, same })
}

fn refused(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn words(outcome: Import) -> Vec<String> {
    match outcome {
        Import::Refused(wrong) => wrong.iter().map(ToString::to_string).collect(),
        Import::Done(sum) => panic!("{sum}"),
    }
}

fn newcomer(school: &str) -> SignUpForm {
    SignUpForm {
        email: "mina@moim.test".to_owned(),
        nickname: "mina".to_owned(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        birth_date: "2000-02-29".to_owned(),
        gender: "female".to_owned(),
        region: "11440124".to_owned(),
        school: school.to_owned(),
        terms: "true".to_owned(),
        privacy: "true".to_owned(),
        ..SignUpForm::default()
    }
}

on_both! {
    async fn schools_stand_in_the_order_of_the_readers_language(app: TestApp) {
        let visitor = app.visitor();
        let korean = visitor.ask(ListSchools {}).await.expect("a list");
        assert!(korean.is_sorted_by_key(|school| school.name.clone()) && korean.len() == starter().len());
        visitor.set_cookie("moim_lang", Some("en"));
        let english = visitor.ask(ListSchools {}).await.expect("a list");
        assert!(english.is_sorted_by_key(|school| school.english.clone()) && english.len() == korean.len());
    }

    async fn names_are_found_as_people_type_them(app: TestApp) {
        let mut conn = app.state.db.read().await.expect("a connection");
        for (typed, id) in [(" 서울 대학교", Some("snu")), ("KOREA university", Some("korea")), ("kaist", Some("kaist")), ("호그와트", None), ("", None)] {
            assert_eq!(named(&mut conn, typed).await.expect("an answer").map(|school| school.id).as_deref(), id, "{typed}");
        }
    }

    async fn an_operators_list_is_taken_over_and_can_be_taken_over_again(app: TestApp) {
        let lines = "hanbit,한빛대학교,\"Hanbit University, Seoul\",hanbit.ac.kr mail.hanbit.kr\nsnu,서울대학교,Seoul National University,snu.ac.kr snu.edu\nkaist,한국과학기술원,KAIST,kaist.ac.kr\n";
        assert_eq!(app.visitor().call(SignUp { form: newcomer("한빛대학교") }).await, Err(AppError::field("school", "accounts.school.unknown")));
        assert_eq!(bring(&app, lines).await, sum(1, 1, 1));
        assert_eq!(bring(&app, lines).await, sum(0, 0, 3));
        assert_eq!(domains(&app, "snu").await, Some(vec!["snu.ac.kr".to_owned(), "snu.edu".to_owned()]));
        let visitor = app.visitor();
        assert!(visitor.get("/sign-up").await.body.contains("<option value=\"한빛대학교\""));
        assert_eq!(visitor.call(SignUp { form: newcomer("hanbit university,seoul") }).await, Ok(()));
        assert_eq!(visitor.ask(ReadAccount {}).await.expect("an account").school.as_deref(), Some("한빛대학교"));
        assert_eq!(app.visitor().ask(ListSchools {}).await.expect("a list").len(), starter().len() + 1);
    }

    async fn a_list_with_a_wrong_line_changes_nothing(app: TestApp) {
        let lines = "hanbit,한빛대학교,Hanbit University,hanbit.ac.kr\nX,엑스,X,x.kr\nneul,늘봄대학교,Neulbom,cse.snu.ac.kr\nother,서울 대학교,Other,other.ac.kr\nall,모두,All,ac.kr\nhanbit,한빛,Hanbit,hb.kr\n";
        assert_eq!(
            words(bring(&app, lines).await),
            refused(&[
                "line 3: the id \"X\" is not of a-z, 0-9 and -, 40 at most",
                "line 4: the domain cse.snu.ac.kr belongs to snu",
                "line 5: snu is already called so",
                "line 6: the domain ac.kr belongs to ajou",
                "line 7: the id hanbit stands in the file twice",
            ])
        );
        assert_eq!(domains(&app, "hanbit").await, None);
        // A domain moves when the file has both schools.
        let moved = "snu,서울대학교,Seoul National University,snu.edu\nneul,늘봄대학교,Neulbom,cse.snu.ac.kr\n";
        assert_eq!(bring(&app, moved).await, sum(1, 1, 0));
    }

    async fn what_ships_does_not_touch_what_was_imported(app: TestApp) {
        let before = starter().len();
        assert_eq!(bring(&app, "snu,서울대,SNU,snu.edu\nown,늘봄대학교,Neulbom,neul.ac.kr\n").await, sum(1, 1, 0));
        // As a program would whose list had said something else, and not yet had one that the operator has under another id.
        let mut tx = app.state.db.begin().await.expect("a transaction");
        crate::execute!(&mut tx, "update schools set domains = 'old.ac.kr' where id = 'yonsei'").expect("changed");
        crate::execute!(&mut tx, "delete from schools where id in ('korea', 'kaist')").expect("removed");
        tx.commit().await.expect("committed");
        assert_eq!(bring(&app, "ku,고려대학교,KU,ku.kr\nadvanced,과학기술원,Advanced,cs.kaist.ac.kr\n").await, sum(2, 0, 0));
        for _ in 0..2 {
            bring_starter(&app.state.db).await.expect("brought in");
            assert_eq!(domains(&app, "snu").await, Some(vec!["snu.edu".to_owned()]));
            assert_eq!(domains(&app, "yonsei").await, Some(vec!["yonsei.ac.kr".to_owned()]));
            assert_eq!((domains(&app, "korea").await, domains(&app, "kaist").await), (None, None), "their name and their domain are taken");
            assert_eq!(app.visitor().ask(ListSchools {}).await.expect("a list").len(), before + 1);
        }
    }

    async fn lists_that_come_at_once_do_not_share_a_domain(app: TestApp) {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        // SQLite begins no second one before the first has ended.
        let open = match app.state.db {
            Db::Pg(..) => Some(app.state.db.begin().await.expect("a transaction")),
            Db::Sqlite { .. } => None,
        };
        let one = format!("{HEADING}one,하나대,One,same.ac.kr\n");
        assert_eq!(import(&mut tx, one.as_bytes()).await, Ok(sum(1, 0, 0)));
        let first = async {
            // It has been written and is not to be seen yet: time for the other to look.
            for _ in 0..20 {
                named(&mut tx, "하나대").await.expect("an answer").expect("there");
            }
            tx.commit().await.expect("committed");
        };
        let two = format!("{HEADING}two,둘대,Two,same.ac.kr\n");
        let second = async {
            let mut tx = match open {
                Some(tx) => tx,
                None => app.state.db.begin().await.expect("a transaction"),
            };
            import(&mut tx, two.as_bytes()).await.expect("an outcome")
        };
        let ((), second) = tokio::join!(first, second);
        assert_eq!(words(second), refused(&["line 2: the domain same.ac.kr belongs to one"]));
    }
}
