//! Pages as browsers without the program get them.

use super::*;
use leptos::server_fn::ServerFn;

on_both! {
    async fn an_order_has_a_page_for_strangers_with_a_preview(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |_| {}).await;
        let page = app.visitor().get(&format!("/meals/{id}")).await;
        assert_eq!(page.status, 200);
        for part in [
            "<title>반반 치킨 같이 시켜요 · 모임</title>",
            "property=\"og:title\" content=\"반반 치킨 같이 시켜요\"",
            "남은 자리 3",
            "오늘 12:30 마감",
            "1/4명",
            "경의선숲길 3번 벤치",
            "배달비 3,500원 나누기",
            "내가 들어가면 2명",
            "1,750원",
            "<strong>양념 반</strong>",
            &format!("/sign-in?next=/meals/{id}"),
        ] {
            assert!(page.body.contains(part), "{part} is not in {}", page.body);
        }
        assert!(!page.body.contains("<script>alert"), "what people write runs nowhere");
        assert!(!page.body.contains("방장 메뉴"), "the host's menu is the host's");
        assert!(!page.body.contains("style=\""), "the policy forbids styles in attributes");
    }

    async fn its_room_says_where_and_until_when(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let id = open(&mina, |_| {}).await;
        jun.call(JoinParty { party: id }).await.expect("a seat");
        let room = seen(&jun, id).await.room.expect("a seat");
        let page = jun.get(&format!("/chat/{room}")).await.body.replace("<!>", "");
        let (_, bar) = page.split_once("class=\"deal\"").expect("a bar");
        let bar = bar.split("</div>").next().expect("its end");
        assert!(bar.contains("오늘 12:30 마감") && bar.contains("경의선숲길 3번 벤치"), "{bar}");
        assert!(page.contains("<p class=\"meta\">2명 · 밥</p>"), "{page}");
    }

    async fn what_is_left_of_the_fee_is_carried_as_on_the_bill(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let id = open(&mina, |_| {}).await;
        jun.call(JoinParty { party: id }).await.expect("a seat");
        let page = sol.get(&format!("/meals/{id}")).await.body;
        assert!(page.contains("1,166원") && page.contains("남는 2원은 방장부터 앉은 차례로 1원씩 내요"), "{page}");
    }

    async fn everybodys_part_of_the_fee_is_that_of_the_bill(app: TestApp) {
        for outside in [0, 1, 3] {
            let called = |name: &str| format!("{name}{outside}");
            let people = [app.member(&called("mina")).await, app.member(&called("jun")).await, app.member(&called("sol")).await];
            let [mina, jun, sol] = &people;
            let id = open(mina, |form| (form.seats, form.outside) = ("8".to_owned(), outside.to_string())).await;
            app.advance(Span(1));
            jun.call(JoinParty { party: id }).await.expect("a seat");
            app.advance(Span(1));
            let before = seen(sol, id).await.my_fee;
            sol.call(JoinParty { party: id }).await.expect("a seat");
            let mut parts = Vec::new();
            for person in &people {
                parts.push(seen(person, id).await.my_fee);
            }
            assert_eq!(before, parts[2], "what it would be is what it is");
            mina.call(CloseParty { party: id }).await.expect("closed");
            mina.call(AdvanceParty { party: id, to: Stage::Ordered }).await.expect("ordered");
            let bill = mina.ask(ReadBill { id }).await.expect("a bill").settlement.expect("it is ordered");
            assert_eq!(parts, bill.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), "{outside} from outside");
            assert_eq!(parts.iter().sum::<i64>(), 3_500);
            let page = jun.get(&format!("/meals/{id}")).await.body;
            assert!(page.contains("낼 돈은 정산에서") && !page.contains("다 차면"), "{page}");
        }
    }

    async fn a_visitor_who_presses_comes_back_after_signing_in(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |_| {}).await;
        let page = format!("/meals/{id}");
        let answer = app.visitor().post_form(&page, JoinParty::PATH, &[("party", &id.to_string())]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/sign-in?next=%2Fmeals%2F{id}").as_str()));
    }

    async fn everything_works_as_a_plain_form(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let form = order();
        let (id, page) = (form.key.clone(), format!("/meals/{}", form.key));
        let opened = send(&mina, "/meals/new", OpenMeal::PATH, &fields(&form)).await;
        assert_eq!((opened.status.as_u16(), opened.location()), (303, page.as_str()));
        let joined = jun.post_form(&page, JoinParty::PATH, &[("party", &id)]).await;
        assert_eq!((joined.status.as_u16(), joined.location()), (303, page.as_str()));
        let body = jun.get(&page).await.body;
        assert!(body.contains("나가기") && body.contains("/chat/") && !body.contains("방장 메뉴"), "{body}");
        assert!(body.contains("mina, jun(나)."), "their own seat is known: {body}");
        let host = mina.get(&page).await.body;
        assert!(host.contains("방장 메뉴") && host.contains("jun 님을 내보낼까요?") && host.contains("모집 끝내기"), "{host}");
        let left = jun.post_form(&page, LeaveParty::PATH, &[("party", &id)]).await;
        assert_eq!(left.status, 303);
        let cancelled = mina.post_form(&page, CancelParty::PATH, &[("form[party]", &id), ("form[reason]", "비가 와요")]).await;
        assert_eq!(cancelled.status, 303);
        let gone = app.visitor().get(&page).await;
        assert_eq!(gone.status, 410);
        assert!(gone.body.contains("취소된 모임이에요") && !gone.body.contains("비가 와요") && gone.body.contains("/meals?region="), "{}", gone.body);
        let told = mina.get(&page).await;
        assert_eq!(told.status, 200, "its people are told on a page of their own");
        assert!(told.body.contains("비가 와요"), "and only they hear the reason: {}", told.body);
        let edit = mina.get(&format!("{page}/edit")).await;
        assert_eq!(edit.status, 409);
        assert!(!edit.body.contains("name=\"form[title]\""), "{}", edit.body);
    }

    async fn a_refused_form_keeps_what_was_typed(app: TestApp) {
        let mina = app.member("mina").await;
        let form = MealForm { fee: "많이".to_owned(), title: "</textarea><script>x</script>".to_owned(), body: "</textarea><script>y</script>".to_owned(), ..order() };
        let answer = send(&mina, "/meals/new", OpenMeal::PATH, &fields(&form)).await;
        assert_eq!(answer.status, 422);
        for part in ["value=\"많이\"", "배달비는 0원부터 1,000,000원까지 숫자로 써 주세요.", &form.key, "온동네치킨 연남점", "role=\"alert\""] {
            assert!(answer.body.contains(part), "{part} is not in {}", answer.body);
        }
        assert!(!answer.body.contains("<script>x") && !answer.body.contains("<script>y"), "{}", answer.body);
    }

    async fn a_refused_deed_says_why_on_the_page(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let id = open(&mina, |form| form.seats = "2".to_owned()).await;
        jun.call(JoinParty { party: id }).await.expect("a seat");
        let page = format!("/meals/{id}");
        let answer = sol.post_form(&page, JoinParty::PATH, &[("party", &id.to_string())]).await;
        assert_eq!(answer.status, 409);
        assert!(answer.body.contains("자리가 다 찼어요. 대기하면") && answer.body.contains("빈자리 기다리기"), "{}", answer.body);
    }

    async fn the_form_asks_visitors_to_sign_in_and_strangers_to_go(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let id = open(&mina, |_| {}).await;
        let visitor = app.visitor().get("/meals/new").await;
        assert_eq!(visitor.status, 401);
        assert!(visitor.body.contains("/sign-in?next=/meals/new"), "{}", visitor.body);
        let edit = format!("/meals/{id}/edit");
        assert_eq!(jun.get(&edit).await.status, 403);
        assert_eq!(app.visitor().get(&edit).await.status, 401);
        let mine = mina.get(&edit).await;
        assert_eq!(mine.status, 200);
        assert!(mine.body.contains("value=\"3,500\"") && mine.body.contains("그대로, 오늘 12:30"), "{}", mine.body);
        let saved = {
            let form = MealForm { key: id.to_string(), title: "간장 치킨".to_owned(), due: DUE_KEEP.to_owned(), ..order() };
            let mut fields = fields(&form);
            fields.push(("id", id.to_string()));
            send(&mina, &edit, EditMeal::PATH, &fields).await
        };
        assert_eq!((saved.status.as_u16(), saved.location()), (303, format!("/meals/{id}").as_str()));
        for nowhere in [format!("/meals/{}", Uuid::now_v7()), "/meals/x".to_owned(), format!("/meals/{}/edit", Uuid::now_v7())] {
            assert_eq!(mina.get(&nowhere).await.status, 404, "{nowhere}");
        }
    }

    async fn a_list_is_empty_full_or_asks_where(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let empty = mina.get("/meals").await.body;
        assert!(empty.contains("작성된 모임이 없습니다") && empty.contains("/meals/new"), "{empty}");
        for category in Category::ALL {
            assert!(empty.contains(&format!("/meals?category={}", category.code())), "{category:?}");
        }
        let visitor = app.visitor().get("/meals").await.body;
        assert!(visitor.contains("어느 동네를 볼까요?") && visitor.contains("name=\"q\"") && !visitor.contains("다른 동네 찾기"), "{visitor}");
        let found = app.visitor().get("/meals?q=%EC%97%B0%EB%82%A8").await.body;
        assert!(found.contains(&format!("/meals?region={}", YEONNAM.0)), "{found}");
        open(&mina, |_| {}).await;
        let sifted = jun.get("/meals?category=pizza&open=1&sort=new").await.body;
        assert!(sifted.contains("작성된 모임이 없습니다") && sifted.contains("전체 보기") && sifted.contains("href=\"/meals?sort=new\""), "{sifted}");
        assert!(!empty.contains("전체 보기"), "nothing was left out there");
        let list = jun.get("/meals?sort=new&open=1").await.body;
        assert!(list.contains("반반 치킨 같이 시켜요") && list.contains("1인") && list.contains("모임 1개"), "{list}");
        assert!(mina.get("/meals").await.body.contains("내가 연 모임"));
        forget_region(&app, &jun).await;
        let nowhere = jun.get("/meals").await.body;
        assert!(nowhere.contains("내 동네를 먼저 정해 주세요"), "{nowhere}");
        assert!(jun.get("/meals/new").await.body.contains("내 동네를 먼저 정해 주세요"));
    }

    async fn the_first_page_welcomes(app: TestApp) {
        let visitor = app.visitor().get("/").await;
        assert_eq!(visitor.status, 200);
        assert!(visitor.body.contains("배달비는 나누고, 밥은 따뜻하게") && visitor.body.contains("작성된 모임이 없습니다"), "{}", visitor.body);
        let mina = app.member("mina").await;
        let nothing = mina.get("/").await.body;
        assert!(nothing.contains("mina 님,") && nothing.contains("2026년 5월 12일") && nothing.contains("작성된 모임이 없습니다"), "{nothing}");
        assert!(!nothing.contains("아직 함께하는 모임이 없어요"), "that nothing is there is said once: {nothing}");
        open(&mina, |_| {}).await;
        let body = mina.get("/").await.body;
        assert!(body.contains("내가 연 모임") && body.contains("반반 치킨"), "{body}");
        let jun = app.member("jun").await;
        let near = jun.get("/").await.body;
        assert!(near.contains("반반 치킨") && near.contains("아직 함께하는 모임이 없어요"), "{near}");
        forget_region(&app, &mina).await;
        assert!(mina.get("/").await.body.contains("내 동네를 먼저 정해 주세요"));
    }
}
