//! Every page and where it lives.

use super::layout::Layout;
use super::pages::{Blocked, Home, Kit, MinePage, MyProfile, NotFound};
use super::pattern::Pattern;
use crate::device;
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
use crate::features::suggestions::pages::SuggestionsPage;
use crate::ui::Progress;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode};

/// The application, on both sides.
#[component]
pub fn App() -> impl IntoView {
    device::begin_head();
    let (routing, set_routing) = signal(false);
    view! {
        <Router set_is_routing=set_routing>
            <Progress active=routing/>
            <Routes fallback=|| view! { <NotFound/> }>
                <Pages/>
            </Routes>
        </Router>
    }
}

/// Every page, inside what stands around it.
#[component(transparent)]
pub fn Pages() -> impl leptos_router::MatchNestedRoutes + Clone + Send + 'static {
    view! {
        <ParentRoute path=Pattern("") view=Layout ssr=SsrMode::Async>
            <Route path=Pattern("chat") view={Lazy::<Chats>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("chat/with/:nickname") view={Lazy::<ChatWith>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("chat/:room") view={Lazy::<ChatRoom>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("chat/:room/:seq") view={Lazy::<ChatMessage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("") view={Lazy::<Home>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals") view={Lazy::<Meals>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/new") view={Lazy::<MealNew>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/suggestions") view={Lazy::<SuggestionsPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/:id") view={Lazy::<MealOne>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/:id/bill") view={Lazy::<MealBill>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/:id/comments") view={Lazy::<MealComments>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("meals/:id/edit") view={Lazy::<MealChange>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("kit") view=Kit ssr=SsrMode::Async/>
            <Route path=Pattern("sign-up") view={Lazy::<SignUpPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("sign-in") view={Lazy::<SignInPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("forgot") view={Lazy::<ForgotPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("reset/:token") view={Lazy::<ResetPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("verify/:token") view={Lazy::<VerifyPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("dev/mail") view={Lazy::<KeptMailPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me") view={Lazy::<MePage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me/parties") view={Lazy::<MyMealsPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me/notices") view={Lazy::<NoticesPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me/profile") view={Lazy::<MyProfile>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me/blocks") view={Lazy::<Blocked>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("me/:page") view={Lazy::<MinePage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("report/:party") view={Lazy::<ReportPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("users/:nickname") view={Lazy::<ProfilePage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("terms") view={Lazy::<TermsPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("privacy") view={Lazy::<PrivacyPage>::new()} ssr=SsrMode::Async/>
            <Route path=Pattern("about") view={Lazy::<AboutPage>::new()} ssr=SsrMode::Async/>
        </ParentRoute>
    }
    .into_inner()
}
