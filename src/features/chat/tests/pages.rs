//! The pages as they are without their program.

use super::*;
use crate::features::images::tests::picture;
use crate::on_both;
use crate::testing::Answer;

/// A page without the marks that the program finds its way by.
async fn page(actor: &Actor, path: &str) -> Answer {
    let page = actor.get(path).await;
    Answer { body: page.body.replace("<!>", ""), ..page }
}

on_both! {
    async fn the_list_and_a_room_are_whole_without_javascript(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "반반 <치킨>", &[&mina, &jun]).await;
        join(&app, room, &app.member("sol").await).await;
        for n in 1..=40 {
            put(&app, &jun, room, &format!("말 {n} https://moim.example/{n}를 <b>보세요</b>")).await.expect("stored");
        }
        let list = page(&mina, "/chat").await;
        assert_eq!(list.status, 200);
        assert!(list.body.contains(&format!("href=\"/chat/{room}\"")) && list.body.contains("반반 &lt;치킨&gt;"), "{}", list.body);
        assert_eq!(list.body.matches("안 읽음 </span>40").count(), 2, "in the navigation and the list: {}", list.body);
        let shown = page(&mina, &format!("/chat/{room}")).await;
        assert_eq!(shown.status, 200);
        for part in [
            "<title>반반 &lt;치킨&gt; · 모임</title>", "말 40 ", "말 11 ", "role=\"log\"", "action=\"/api/send_message\"", "name=\"form[text]\"",
            "<a href=\"https://moim.example/40\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\">https://moim.example/40</a>를 &lt;b&gt;",
            "?before=12", "action=\"/api/mark_read\"",
        ] {
            assert!(shown.body.contains(part), "{part} is not in {}", shown.body);
        }
        assert!(!shown.body.contains("말 10 "), "only the newest page");
        let older = page(&mina, &format!("/chat/{room}?before=12")).await;
        assert!(older.body.contains("말 10 ") && older.body.contains("sol 님이 입장했습니다.") && !older.body.contains("말 11 "), "{}", older.body);
        let refused = mina.post_form(&format!("/chat/{room}"), "/api/send_message", &[("form[room]", &room.to_string()), ("form[send_id]", &SendId::random().to_string()), ("form[text]", "  ")]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("보낼 말을 적어 주세요."), "{}", refused.body);
    }

    async fn a_message_is_answered_without_javascript(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        for n in 1..=60 {
            put(&app, &jun, room, &format!("말 {n}.")).await.expect("stored");
        }
        let path = format!("/chat/{room}");
        let shown = page(&mina, &format!("{path}?before=31")).await;
        let link = format!("href=\"{path}?reply=10#say\"");
        assert!(shown.body.contains(&link) && !shown.body.contains("reply_to"), "{link}: {}", shown.body);
        // What is answered stands there, and the forms name it.
        let shown = page(&mina, &format!("{path}?reply=10")).await;
        assert!(shown.body.contains("id=\"m10\"") && shown.body.contains("jun에게 답장"), "{}", shown.body);
        assert!(shown.body.contains("name=\"form[reply_to]\" value=\"10\"") && shown.body.contains("name=\"reply_to\" value=\"10\""), "{}", shown.body);
        for reply in ["1000", "x", ""] {
            let shown = page(&mina, &format!("{path}?reply={reply}")).await;
            assert!(shown.status == 200 && !shown.body.contains("reply_to"), "{reply}: {}", shown.body);
        }
        let id = room.to_string();
        let fields: [(&str, &str); 4] = [("form[room]", id.as_str()), ("form[send_id]", &SendId::random().to_string()), ("form[reply_to]", "10"), ("form[text]", "네")];
        assert_eq!(mina.post_form(&format!("{path}?reply=10"), "/api/send_message", &fields).await.location(), path);
        let fields: [(&str, &str); 3] = [("room", id.as_str()), ("send_id", &SendId::random().to_string()), ("reply_to", "10")];
        let sent = mina.post_files(Some(&path), "/api/send_images", &fields, &[&picture(1)]).await;
        assert_eq!(sent.location(), path, "{}", sent.body);
        let answers: Vec<_> = open(&jun, room).await.expect("a room").history.messages.into_iter().filter_map(|message| match message.content {
            Content::Text { reply, .. } => reply.map(|quote| (quote.seq, quote.text)),
            _ => None,
        }).collect();
        assert_eq!(answers, [(10, "말 10.".to_owned()), (10, "말 10.".to_owned())]);
        let wrong: [(&str, &str); 3] = [("room", id.as_str()), ("send_id", &SendId::random().to_string()), ("reply_to", "x")];
        assert_eq!(mina.post_files(Some(&path), "/api/send_images", &wrong, &[&picture(1)]).await.status, 400);
    }

    async fn pages_that_cannot_be_shown_say_why(app: TestApp) {
        let mina = app.member("mina").await;
        let eve = app.member("eve").await;
        let room = party(&app, "치킨", &[&mina]).await;
        for path in ["/chat".to_owned(), format!("/chat/{room}"), "/chat/with/mina".to_owned()] {
            let shown = page(&app.visitor(), &path).await;
            assert_eq!(shown.status, 401, "{path}");
            assert!(shown.body.contains(&format!("/sign-in?next={path}")), "{path}: {}", shown.body);
        }
        assert_eq!(page(&eve, &format!("/chat/{room}")).await.status, 404);
        assert_eq!(page(&eve, "/chat/nonsense").await.status, 404);
        assert_eq!(page(&eve, "/chat/with/nobody").await.status, 404);
        assert_eq!(page(&eve, "/chat/with/eve").await.status, 409);
        delete(&app, room).await;
        let shown = page(&mina, &format!("/chat/{room}")).await;
        assert_eq!(shown.status, 410);
        assert!(shown.body.contains("방이 삭제되었습니다") && shown.body.contains("href=\"/chat\""), "{}", shown.body);
    }

    async fn the_way_to_somebody_leads_to_the_room(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("준호").await;
        let shown = page(&mina, "/chat/with/%EC%A4%80%ED%98%B8").await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains("action=\"/api/start_direct\"") && shown.body.contains(&jun.id().to_string()), "{}", shown.body);
        let room = write_to(&mina, &jun, "안녕").await.expect("stored").room;
        let shown = page(&mina, "/chat/with/%EC%A4%80%ED%98%B8").await;
        assert_eq!((shown.status.as_u16(), shown.location()), (302, format!("/chat/{room}").as_str()));
    }
}
