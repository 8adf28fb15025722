//! Every page and where it lives.

use super::layout::Layout;
use super::pages::{Blocked, Home, Kit, MinePage, MyProfile, NotFound};
use crate::features::accounts::pages::{
    AboutPage, ForgotPage, MePage, PrivacyPage, ResetPage, SignInPage, SignUpPage, TermsPage, VerifyPage,
};
use crate::features::chat::pages::{ChatMessage, ChatRoom, ChatWith, Chats};
use crate::features::mail::pages::KeptMailPage;
use crate::features::meals::pages::bill::MealBill;
use crate::features::meals::pages::change::MealChange;
use crate::features::meals::pages::comments::MealComments;
use crate::features::meals::pages::list::Meals;
use crate::features::meals::pages::mine::MyMealsPage;
use crate::features::meals::pages::new::MealNew;
use crate::features::meals::pages::one::MealOne;
use crate::features::moderation::pages::ReportPage;
use crate::features::notices::pages::NoticesPage;
use crate::features::profiles::pages::ProfilePage;
use crate::ui::Progress;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

/// The application, on both sides.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let (routing, set_routing) = signal(false);
    view! {
        <Router set_is_routing=set_routing>
            <Progress active=routing/>
            <Routes fallback=|| view! { <NotFound/> }>
                <ParentRoute path=path!("") view=Layout ssr=SsrMode::Async>
                    <Route path=path!("chat") view={Lazy::<Chats>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("chat/with/:nickname") view={Lazy::<ChatWith>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("chat/:room") view={Lazy::<ChatRoom>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("chat/:room/:seq") view={Lazy::<ChatMessage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("") view={Lazy::<Home>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals") view={Lazy::<Meals>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals/new") view={Lazy::<MealNew>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals/:id") view={Lazy::<MealOne>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals/:id/bill") view={Lazy::<MealBill>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals/:id/comments") view={Lazy::<MealComments>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("meals/:id/edit") view={Lazy::<MealChange>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("kit") view=Kit ssr=SsrMode::Async/>
                    <Route path=path!("sign-up") view={Lazy::<SignUpPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("sign-in") view={Lazy::<SignInPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("forgot") view={Lazy::<ForgotPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("reset/:token") view={Lazy::<ResetPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("verify/:token") view={Lazy::<VerifyPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("dev/mail") view={Lazy::<KeptMailPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me") view={Lazy::<MePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me/parties") view={Lazy::<MyMealsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me/notices") view={Lazy::<NoticesPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me/profile") view={Lazy::<MyProfile>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me/blocks") view={Lazy::<Blocked>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("me/:page") view={Lazy::<MinePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("report/:party") view={Lazy::<ReportPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("users/:nickname") view={Lazy::<ProfilePage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("terms") view={Lazy::<TermsPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("privacy") view={Lazy::<PrivacyPage>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("about") view={Lazy::<AboutPage>::new()} ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
