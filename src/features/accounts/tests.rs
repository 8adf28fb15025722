//! Accounts, through the router.

mod coming_in;
mod details;
mod devices;
mod forged;
mod mail;
mod school;
mod thieves;
mod tokens;
mod travel;
mod without_js;

use super::api::SignUp;
use super::model::SignUpForm;
use crate::shared::error::AppError;
use crate::testing::{Actor, PASSWORD};

/// A complete form; the email and the password begin with the nickname's letters only by accident.
fn form(email: &str, nickname: &str) -> SignUpForm {
    SignUpForm {
        email: email.to_owned(),
        nickname: nickname.to_owned(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        birth_date: "2000-02-29".to_owned(),
        gender: "female".to_owned(),
        region: "11440124".to_owned(),
        terms: "true".to_owned(),
        privacy: "true".to_owned(),
        ..SignUpForm::default()
    }
}

async fn sign_up(visitor: &Actor, email: &str, nickname: &str) -> Result<(), AppError> {
    visitor.call(SignUp { form: form(email, nickname) }).await
}

/// The fields that a refusal names, with their codes.
fn named(refusal: &AppError) -> Vec<(String, String)> {
    refusal.fields().0.into_iter().map(|error| (error.field.into_owned(), error.code.into_owned())).collect()
}

/// One field with its code, as [`named`] gives it.
fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}
