//! The pages around accounts.

mod about;
mod close;
mod details;
mod forgot;
mod logins;
mod me;
mod password;
mod privacy;
mod reset;
mod school;
mod sessions;
mod sign_in;
mod sign_up;
mod terms;
mod verify;

pub use about::AboutPage;
pub use close::close_page;
pub use details::details_page;
pub use forgot::ForgotPage;
pub use logins::logins_page;
pub use me::MePage;
pub use password::password_page;
pub use privacy::PrivacyPage;
pub use reset::ResetPage;
pub use school::school_page;
pub use sessions::sessions_page;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
pub use terms::TermsPage;
pub use verify::VerifyPage;
