//! The pages as a browser without JavaScript uses them.

use super::form;
use crate::features::accounts::api::{SignUp, WhoAmI};
use crate::features::accounts::model::SignUpForm;
use crate::on_both;
use crate::testing::PASSWORD;
use axum::body::Body;
use axum::http::{Request, header};

const SCRIPT: &str = "\"><script>alert(1)</script>";

fn fields<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("form[email]", "mina@moim.test"),
        ("form[nickname]", "미나"),
        ("form[password]", PASSWORD),
        ("form[password_again]", PASSWORD),
        ("form[birth_date]", "2000-02-29"),
        ("form[gender]", "female"),
        ("form[region]", ""),
        ("form[region_text]", "연남동"),
        ("form[school]", ""),
        ("form[admission_year]", ""),
        ("form[terms]", "true"),
        ("form[privacy]", "true"),
        ("form[next]", "/chat"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

on_both! {
    async fn a_sign_up_is_a_redirect_to_the_next_page(app: TestApp) {
        let visitor = app.visitor();
        let answer = visitor.post_form("/sign-up?next=/chat", "/api/sign_up", &fields(&[])).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/chat"));
        assert_eq!(visitor.ask(WhoAmI {}).await.expect("an answer").expect("signed in").nickname, "미나");
        let again = visitor.post_form("/sign-up", "/api/sign_up", &fields(&[])).await;
        assert_eq!(again.status, 422);
        assert!(again.body.contains("이미 가입한 이메일이에요"), "{}", again.body);
        for (n, evil) in ["//evil.example", "https://evil.example/", "/\\evil.example"].into_iter().enumerate() {
            let name = format!("미나{n}");
            let mail = format!("{n}@moim.test");
            let answer = app.visitor().post_form("/sign-up", "/api/sign_up", &fields(&[("form[next]", evil), ("form[nickname]", &name), ("form[email]", &mail)])).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, "/meals"), "{evil}");
        }
    }

    async fn a_refused_sign_up_keeps_what_was_typed_except_passwords(app: TestApp) {
        let page = app.visitor().post_form("/sign-up", "/api/sign_up", &fields(&[
            ("form[nickname]", "ㅁ"), ("form[gender]", "male"), ("form[school]", "서울대학교"), ("form[terms]", ""), ("form[birth_date]", "2025-01-01"),
        ])).await;
        assert_eq!(page.status, 422);
        for kept in ["value=\"mina@moim.test\"", "value=\"ㅁ\"", "value=\"2025-01-01\"", "value=\"연남동\"", "value=\"서울대학교\"", "value=\"/chat\""] {
            assert!(page.body.contains(kept), "{kept}: {}", page.body);
        }
        assert!(!page.body.contains(PASSWORD));
        for said in ["3곳만 고치면 돼요.", "닉네임은 2자에서 20자까지예요.", "만 14세부터 가입할 수 있어요.", "이용약관에 동의해야 가입할 수 있어요."] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(page.body.contains("href=\"#f-nickname\"") && page.body.contains("id=\"f-nickname\""));
        let checked = |value: &str| page.body.contains(&format!("value=\"{value}\" checked"));
        assert!(checked("male") && !checked("female"), "{}", page.body);
    }

    async fn towns_of_the_same_name_are_offered_to_choose_from(app: TestApp) {
        let visitor = app.visitor();
        let page = visitor.post_form("/sign-up", "/api/sign_up", &fields(&[("form[region_text]", "신촌동")])).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("이름이 맞는 동네가 여러 곳이에요"), "{}", page.body);
        let code = page.body.split("type=\"radio\" name=\"form[region]\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a choice").to_owned();
        let answer = visitor.post_form("/sign-up", "/api/sign_up", &fields(&[("form[region]", &code), ("form[region_text]", "신촌동")])).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let region = visitor.ask(WhoAmI {}).await.expect("an answer").expect("signed in").region.expect("a region");
        assert_eq!((region.code.0.to_string(), region.name.as_str()), (code, "신촌동"));
    }

    async fn a_second_refusal_stands_on_the_same_page(app: TestApp) {
        // The document that answers a refused form has the form's address, and so has the next request as its page.
        let visitor = app.visitor();
        visitor.post_form("/sign-up?next=/chat", "/api/sign_up", &fields(&[("form[email]", "")])).await;
        let again = visitor.post_form("/api/sign_up", "/api/sign_up", &fields(&[("form[email]", "x")])).await;
        assert_eq!(again.status, 422);
        assert!(again.body.contains("이메일 주소를 다시 확인해 주세요") && again.body.contains("data-page=\"/sign-up?next=/chat\""), "{}", again.body);
        let answer = visitor.post_form("/api/sign_up", "/api/set_language", &[("lang", "en")]).await;
        assert_eq!(answer.location(), "/sign-up?next=/chat");
        for forged in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2Fapi%2Fsign_out", ""] {
            visitor.set_cookie("moim_page", Some(forged));
            let answer = visitor.post_form("/api/sign_up", "/api/set_language", &[("lang", "ko")]).await;
            assert_eq!(answer.location(), "/", "{forged}");
        }
    }

    async fn a_refused_sign_in_says_one_thing(app: TestApp) {
        let page = app.visitor().post_form("/sign-in?next=/chat", "/api/sign_in", &[("form[email]", "nobody@moim.test"), ("form[password]", "secret-1234"), ("form[next]", "/chat")]).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("이메일이나 비밀번호가 맞지 않아요") && page.body.contains("value=\"nobody@moim.test\""), "{}", page.body);
        assert!(!page.body.contains("secret-1234"));
        for _ in 0..10 {
            app.visitor().post_form("/sign-in", "/api/sign_in", &[("form[email]", "nobody@moim.test"), ("form[password]", "x")]).await;
        }
        let page = app.visitor().post_form("/sign-in", "/api/sign_in", &[("form[email]", "nobody@moim.test"), ("form[password]", "x")]).await;
        assert_eq!((page.status.as_u16(), page.headers[header::RETRY_AFTER].to_str().expect("text")), (429, "900"));
        assert!(page.body.contains("900초 뒤에"), "{}", page.body);
    }

    async fn scripts_in_any_field_are_shown_as_text(app: TestApp) {
        for field in ["form[email]", "form[nickname]", "form[birth_date]", "form[gender]", "form[region]", "form[region_text]", "form[school]", "form[admission_year]", "form[terms]", "form[next]"] {
            let page = app.visitor().post_form("/sign-up", "/api/sign_up", &fields(&[(field, SCRIPT), ("form[privacy]", "")])).await;
            assert_eq!(page.status, 422, "{field}");
            assert!(!page.body.contains("<script>alert(1)"), "{field}: {}", page.body);
        }
        let page = app.visitor().get("/sign-in?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(!page.body.contains("<script>alert(1)"), "{}", page.body);
        let mina = app.member("mina").await;
        let page = mina.post_form("/me", "/api/set_region", &[("form[region_text]", SCRIPT)]).await;
        assert_eq!(page.status, 422);
        assert!(page.body.contains("그런 동네를 찾지 못했어요") && !page.body.contains("<script>alert(1)"), "{}", page.body);
    }

    async fn a_body_that_is_far_too_large_is_not_read(app: TestApp) {
        let huge = "가".repeat(400_000);
        let answer = app.visitor().call_raw(SignUp { form: SignUpForm { nickname: huge, ..form("mina@moim.test", "") } }).await;
        assert_eq!(answer.status, 413);
        let wrong = Request::post("/api/sign_up").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from("form=1&form[email][x]=2")).expect("a request");
        assert_eq!(app.visitor().send(wrong).await.status, 400);
    }

    async fn own_pages_ask_visitors_to_sign_in(app: TestApp) {
        for path in ["/me", "/me/sessions", "/me/password"] {
            let page = app.visitor().get(path).await;
            assert_eq!(page.status, 401, "{path}");
            assert!(page.body.contains(&format!("href=\"/sign-in?next={}\"", path.replace('/', "%2F"))), "{path}: {}", page.body);
        }
        let mina = app.member("mina").await;
        for (path, said) in [("/me", "mina"), ("/me/sessions", "이 기기"), ("/me/password", "새 비밀번호"), ("/me?done=password", "비밀번호를 바꿨어요.")] {
            let page = mina.get(path).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(page.body.contains(said), "{path}: {}", page.body);
        }
    }

    async fn forms_work_from_their_own_pages(app: TestApp) {
        let mina = app.member("mina").await;
        let moved = mina.post_form("/me", "/api/set_region", &[("form[region]", "11440124"), ("form[region_text]", "서울 서교동")]).await;
        assert_eq!((moved.status.as_u16(), moved.location()), (303, "/me?done=region"));
        assert_eq!(mina.ask(WhoAmI {}).await.expect("an answer").expect("signed in").region.expect("a region").name, "서교동");
        let wrong = mina.post_form("/me/password", "/api/change_password", &[("form[current_password]", "wrong-secret"), ("form[new_password]", "new-secret-1"), ("form[new_password_again]", "other-secret")]).await;
        assert_eq!(wrong.status, 422);
        for said in ["현재 비밀번호가 올바르지 않습니다", "비밀번호가 서로 다릅니다"] {
            assert!(wrong.body.contains(said), "{said}");
        }
        assert!(!wrong.body.contains("wrong-secret") && !wrong.body.contains("new-secret-1"));
        let same = mina.post_form("/me/password", "/api/change_password", &[("form[current_password]", PASSWORD), ("form[new_password]", PASSWORD), ("form[new_password_again]", PASSWORD)]).await;
        assert!(same.body.contains("이전과 동일한 비밀번호를 사용할 수 없습니다"));
        assert_eq!(mina.post_form("/me/sessions", "/api/end_other_sessions", &[]).await.location(), "/me/sessions");
    }

    async fn pages_about_the_service_are_open_to_all(app: TestApp) {
        let visitor = app.visitor();
        for (path, said) in [("/terms", "이용약관"), ("/privacy", "동까지만 저장됩니다"), ("/about", "국토교통부 국토지리정보원")] {
            let page = visitor.get(path).await;
            assert!(page.status == 200 && page.body.contains(said), "{path}");
        }
    }
}
