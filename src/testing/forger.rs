//! A sign-in provider that does what no good one does.

use super::oidc::CLIENT;
use crate::shared::time::{Span, Timestamp};
use axum::extract::{Form, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trick {
    /// Nothing wrong.
    None,
    /// Another nonce than it was given.
    Nonce,
    /// A token for somebody else.
    Audience,
    /// A token of somebody else.
    Issuer,
    /// A token that is over.
    Expired,
    /// Claims that were changed after they were signed.
    Tampered,
    /// No signature.
    Unsigned,
    /// Signed with its own key under the provider's name.
    WrongKey,
    /// Signed with a key that it has not told of.
    HiddenKey,
    /// Signed with a new key, which it tells of from now on.
    NewKey,
    /// Signed with another key, which it tells of under the name of the one before.
    Renewed,
    /// Another access token than the id token speaks of.
    OtherAccess,
    /// What it says when asked is about somebody else.
    OtherPerson,
    /// A page in the place of every answer.
    Page,
    /// No answer.
    Silent,
    /// An answer without end.
    Endless,
    /// Every answer leads to another address.
    Elsewhere,
    /// It names addresses outside, without TLS.
    Plain,
    /// Its page for people is outside, without TLS.
    Door,
    /// It calls itself by another address.
    Alias,
}

/// Two keys (P-256): as it signs with them, and as it tells of them.
const KEYS: [(&str, &str, &str); 2] = [
    (
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWdN5hPAUlyBQV/YoGh9NLuBE+fzKLYSgyi13oB3JlqShRANCAATD3yELpOeM+WnbIAMyoHvo2FWoF2KRm5gCBOhpWaOtZf2uQy65kNFimzaPKA6XZXGLW8K2VtLY5gNn1Cpy0tzk",
        "w98hC6TnjPlp2yADMqB76NhVqBdikZuYAgToaVmjrWU",
        "_a5DLrmQ0WKbNo8oDpdlcYtbwrZW0tjmA2fUKnLS3OQ",
    ),
    (
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUS60ijWIZ/hj9P/XYRdrMIQVg1zHou/eBnA9IAF8SuShRANCAASvEAR1Lwvjg1prg/Cps9kDhBcWp/ZSXyGlVd4ZsNeqLaFQ0rmQJd48ORS3htqqEM1Aul9iTIHzlOLFv34xcRVN",
        "rxAEdS8L44Naa4PwqbPZA4QXFqf2Ul8hpVXeGbDXqi0",
        "oVDSuZAl3jw5FLeG2qoQzUC6X2JMgfOU4sW_fjFxFU0",
    ),
];

#[derive(Clone)]
struct Desk {
    issuer: String,
    now: Timestamp,
    trick: Arc<Mutex<Trick>>,
    asked: Arc<Mutex<Vec<&'static str>>>,
}

/// The provider. It stops with this value.
pub struct Forger {
    desk: Desk,
    task: JoinHandle<()>,
}

impl Forger {
    /// Listens on a free port. Its tokens are good for an hour from `now`. It takes no login: the code that is exchanged is the nonce
    /// that it puts into the token.
    pub async fn start(now: Timestamp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let desk = Desk { issuer, now, trick: Arc::new(Mutex::new(Trick::None)), asked: Arc::default() };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/person", get(person))
            .route("/trap", get(trap))
            .with_state(desk.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it listens") });
        Self { desk, task }
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.desk.issuer
    }

    /// Does this from now on.
    pub fn play(&self, trick: Trick) {
        *self.desk.trick.lock().expect("a trick") = trick;
    }

    /// What it was asked for so far, in order.
    pub fn asked(&self) -> Vec<&'static str> {
        self.desk.asked.lock().expect("questions").clone()
    }
}

impl Drop for Forger {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    /// Notes the question; the answer to it that has nothing to do with the question, if there is one.
    async fn hear(&self, what: &'static str) -> Result<Trick, Response> {
        self.asked.lock().expect("questions").push(what);
        let trick = *self.trick.lock().expect("a trick");
        match trick {
            Trick::Page => Err("<!DOCTYPE html><title>Sign in to the network</title>".into_response()),
            Trick::Silent => std::future::pending().await,
            Trick::Endless => Err("x".repeat(4 << 20).into_response()),
            Trick::Elsewhere => Err((StatusCode::FOUND, [(header::LOCATION, format!("{}/trap", self.issuer))]).into_response()),
            other => Ok(other),
        }
    }
}

async fn trap(State(desk): State<Desk>) -> Response {
    desk.asked.lock().expect("questions").push("trap");
    StatusCode::NO_CONTENT.into_response()
}

async fn discovery(State(desk): State<Desk>) -> Response {
    let trick = match desk.hear("discovery").await {
        Ok(trick) => trick,
        Err(answer) => return answer,
    };
    // This machine by a number that is not only this machine's: who goes there arrives.
    let outside = desk.issuer.replace("127.0.0.1", "0.0.0.0");
    let base = if trick == Trick::Plain { &outside } else { &desk.issuer };
    Json(json!({
        "issuer": if trick == Trick::Alias { "https://accounts.google.com" } else { &desk.issuer },
        "authorization_endpoint": format!("{}/authorize", if trick == Trick::Door { &outside } else { &desk.issuer }),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/person"),
        "jwks_uri": format!("{}/keys", desk.issuer),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
    .into_response()
}

async fn keys(State(desk): State<Desk>) -> Response {
    let trick = match desk.hear("keys").await {
        Ok(trick) => trick,
        Err(answer) => return answer,
    };
    let key = |name: usize, n: usize| json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": name.to_string(), "x": KEYS[n].1, "y": KEYS[n].2 });
    let known = match trick {
        Trick::NewKey => vec![key(0, 0), key(1, 1)],
        Trick::Renewed => vec![key(0, 1)],
        _ => vec![key(0, 0)],
    };
    Json(json!({ "keys": known })).into_response()
}

async fn token(State(desk): State<Desk>, Form(form): Form<HashMap<String, String>>) -> Response {
    let trick = match desk.hear("token").await {
        Ok(trick) => trick,
        Err(answer) => return answer,
    };
    let nonce = if trick == Trick::Nonce { "another" } else { &form["code"] };
    let ends = if trick == Trick::Expired { desk.now - Span::hours(1) } else { desk.now + Span::hours(1) };
    let mut claims = json!({
        "iss": if trick == Trick::Issuer { "http://127.0.0.1:1" } else { &desk.issuer },
        "aud": if trick == Trick::Audience { "somebody" } else { CLIENT.0 },
        "sub": "heron",
        "iat": (desk.now - Span::minutes(1)).0 / 1_000,
        "exp": ends.0 / 1_000,
        "nonce": nonce,
    });
    match trick {
        // What is said in the token is not asked for again.
        Trick::OtherPerson => {}
        _ => {
            claims["email"] = json!("heron@moim.test");
            claims["email_verified"] = json!(true);
        }
    }
    if trick == Trick::OtherAccess {
        claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    }
    Json(json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 3600, "id_token": signed(&claims, trick) }))
        .into_response()
}

fn signed(claims: &Value, trick: Trick) -> String {
    let (named, used) = match trick {
        Trick::WrongKey | Trick::Renewed => (0, 1),
        Trick::HiddenKey | Trick::NewKey => (1, 1),
        _ => (0, 0),
    };
    let header = Header { kid: Some(named.to_string()), ..Header::new(Algorithm::ES256) };
    let key = EncodingKey::from_ec_der(&STANDARD.decode(KEYS[used].0).expect("base64"));
    let token = jsonwebtoken::encode(&header, claims, &key).expect("signed");
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    match trick {
        Trick::Tampered => {
            let mut claims = claims.clone();
            claims["sub"] = json!("somebody else");
            parts[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
        }
        Trick::Unsigned => {
            parts[0] = URL_SAFE_NO_PAD.encode(json!({ "alg": "none" }).to_string());
            parts[2] = String::new();
        }
        _ => {}
    }
    parts.join(".")
}

async fn person(State(desk): State<Desk>) -> Response {
    if let Err(answer) = desk.hear("person").await {
        return answer;
    }
    Json(json!({ "sub": "somebody else", "email": "heron@moim.test", "email_verified": true })).into_response()
}
