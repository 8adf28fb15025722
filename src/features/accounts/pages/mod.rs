//! The pages around accounts.

mod about;
mod me;
mod password;
mod privacy;
mod sessions;
mod sign_in;
mod sign_up;
mod terms;

pub use about::AboutPage;
pub use me::MePage;
pub use password::PasswordPage;
pub use privacy::PrivacyPage;
pub use sessions::SessionsPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
pub use terms::TermsPage;
