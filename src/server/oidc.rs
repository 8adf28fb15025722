//! Signing in with an account of elsewhere (OpenID Connect): what this server asks of a provider, and what it believes.
//!
//! The authorization code flow with PKCE. A provider is asked for nothing before somebody goes there; what it says of itself is kept
//! for a while. Whatever it does (nothing, slowly, nonsense) ends in a [`Trouble`].

pub mod settings;

use super::clock::Clock;
use super::config::Config;
use super::http::{Fault, Http, reason};
use super::keys::random_secret;
use crate::shared::time::{Span, Timestamp};
use chrono::DateTime;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreProviderMetadata,
    CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SubjectIdentifier, TokenResponse, UserInfoError,
};
use settings::Settings;
use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex as Turn;
use tokio::time::timeout;

/// What a provider says of itself is asked again after this.
const KEPT_FOR: Span = Span::hours(1);
/// When it cannot be asked, what it said before still counts this long.
const TRUSTED_FOR: Span = Span::hours(24);
/// Its keys are not asked more often than this, whatever tokens come.
const KEYS_AGAIN_AFTER: Span = Span::minutes(1);
/// One that could not be reached is left alone this long: those who come meanwhile are told at once. Longer than [`PATIENCE`], or
/// somebody would always be waiting for one that is down.
const SILENCE: Span = Span::seconds(30);
/// A provider has this long for each step, however many requests the step takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest subject (OpenID Connect Core 1.0, section 2), in bytes.
const MAX_SUBJECT: usize = 255;

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why a provider did not help. Its cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It could not be reached.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// It answered something that cannot be believed.
    Nonsense,
}

/// Where somebody is sent, and what is kept until they come back.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The provider's page.
    pub url: Url,
    /// What comes back with them.
    pub state: String,
    /// What has to stand in the token.
    pub nonce: String,
    /// What proves that who exchanges the code is who asked for it (PKCE).
    pub verifier: String,
}

/// Who somebody is, as a provider has said it to this server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its name for the person, which never changes.
    pub subject: String,
}

/// Somebody whom a provider has named.
pub struct Named {
    /// Who.
    pub identity: Identity,
    email: Option<String>,
    is_verified: Option<bool>,
    access: AccessToken,
}

/// One place where people may have an account.
pub struct Provider {
    /// What the operator decided.
    pub settings: Settings,
    redirect: RedirectUrl,
    http: Http,
    patience: Duration,
    known: Mutex<Known>,
    /// Whoever has it asks the provider about itself.
    turn: Turn<()>,
}

type Metadata = Arc<CoreProviderMetadata>;

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// What is known of a provider, and since when.
#[derive(Default)]
struct Known {
    metadata: Option<(Metadata, Timestamp)>,
    /// Why it could not be asked the last time.
    trouble: Option<(Trouble, Timestamp)>,
}

impl Known {
    /// What it said of itself, if it said it at most so long ago.
    fn within(&self, span: Span, now: Timestamp) -> Option<(Metadata, Timestamp)> {
        self.metadata.clone().filter(|(_, since)| now - *since < span)
    }

    /// What is to be done without asking, if anything: go on with what was said, other than what is known since `outdated` unless that
    /// is too short ago to ask again, or leave it.
    fn answer(&self, now: Timestamp, outdated: Option<Timestamp>) -> Option<Result<(Metadata, Timestamp), Trouble>> {
        let fresh = self.within(KEPT_FOR, now);
        if let Some(fresh) = fresh.filter(|(_, since)| outdated != Some(*since) || now - *since < KEYS_AGAIN_AFTER) {
            return Some(Ok(fresh));
        }
        let (trouble, _) = self.trouble.filter(|(_, since)| now - *since < SILENCE)?;
        Some(self.within(TRUSTED_FOR, now).ok_or(trouble))
    }
}

/// All of them, in the operator's order.
#[derive(Clone)]
pub struct Providers(Arc<[Provider]>);

impl Providers {
    /// Those that the operator has configured. None of them is asked anything yet.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self::patient(config, PATIENCE)
    }

    /// The same with another patience.
    #[must_use]
    pub fn patient(config: &Config, patience: Duration) -> Self {
        let provider = |settings: &Settings| Provider {
            redirect: RedirectUrl::from_url(config.url.join(&format!("/oidc/callback/{}", settings.name)).expect("a path of names joins")),
            http: Http::new(settings.is_plain()),
            settings: settings.clone(),
            patience,
            known: Mutex::default(),
            turn: Turn::default(),
        };
        Self(config.oidc.iter().map(provider).collect())
    }

    /// The one of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings.name == name)
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Provider] {
        &self.0
    }
}

impl Provider {
    /// Prepares somebody's way to the provider. Who `chooses` is asked there with which of their accounts they come, however many
    /// they are signed in to.
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub async fn depart(&self, clock: &dyn Clock, chooses: bool) -> Result<Departure, Trouble> {
        let (metadata, _) = self.metadata(clock, None).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&metadata);
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(random_secret()), || Nonce::new(random_secret()))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if chooses {
            request = request.add_prompt(CoreAuthPrompt::SelectAccount);
        }
        let (url, state, nonce) = request.url();
        Ok(Departure { url, state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() })
    }

    /// Exchanges the code with which somebody has come back for who they are.
    ///
    /// # Errors
    /// What is wrong with the provider, or with what it said.
    pub async fn identify(&self, code: String, nonce: String, verifier: String, clock: &dyn Clock) -> Result<Named, Trouble> {
        let nonce = Nonce::new(nonce);
        let (metadata, since) = self.metadata(clock, None).await?;
        let client = self.client(&metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.nonsense(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer = self.in_time(request.request_async(&self.http)).await?.map_err(|error| match error {
            RequestTokenError::Request(error) => self.unreached(&error),
            other => self.nonsense(&other),
        })?;
        let token = answer.id_token().ok_or_else(|| self.nonsense(&Fault::from("there was no id token")))?;
        let claims = match self.believe(&client, token, answer.access_token(), &nonce, clock.now()) {
            // A key that is not known, or does not fit any more under its name, may be a new one.
            Err(error @ ClaimsVerificationError::SignatureVerification(_)) => {
                let (metadata, again) = self.metadata(clock, Some(since)).await?;
                if again == since {
                    return Err(self.nonsense(&error));
                }
                let client = self.client(&metadata);
                self.believe(&client, token, answer.access_token(), &nonce, clock.now()).map_err(|error| self.nonsense(&error))?
            }
            other => other.map_err(|error| self.nonsense(&error))?,
        };
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > MAX_SUBJECT {
            return Err(self.nonsense(&Fault::from("the subject is empty or too long")));
        }
        Ok(Named {
            email: claims.email().map(|email| email.to_string()),
            is_verified: claims.email_verified(),
            access: answer.access_token().clone(),
            identity: Identity { issuer: self.settings.issuer.clone(), subject },
        })
    }

    /// The address of somebody whom the provider has named, when it says that it has verified it. Many say it only when they are asked.
    ///
    /// # Errors
    /// What is wrong with the provider, or with what it said.
    pub async fn address(&self, named: Named, clock: &dyn Clock) -> Result<Option<String>, Trouble> {
        let Named { identity, mut email, mut is_verified, access } = named;
        if email.is_none() || is_verified.is_none() {
            let (metadata, _) = self.metadata(clock, None).await?;
            if let Ok(request) = self.client(&metadata).user_info(access, Some(SubjectIdentifier::new(identity.subject))) {
                let more: CoreUserInfoClaims = self.in_time(request.request_async(&self.http)).await?.map_err(|error| match error {
                    UserInfoError::Request(error) => self.unreached(&error),
                    other => self.nonsense(&other),
                })?;
                email = more.email().map(|email| email.to_string());
                is_verified = more.email_verified();
            }
        }
        Ok(email.filter(|_| is_verified == Some(true)))
    }

    /// What a token says, once its signature, issuer, audience, nonce and time were checked, and that it belongs to the access token.
    fn believe<'t>(
        &self,
        client: &Client,
        token: &'t CoreIdToken,
        access: &AccessToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'t CoreIdTokenClaims, ClaimsVerificationError> {
        let verifier = client.id_token_verifier().set_time_fn(move || DateTime::from_timestamp_millis(now.0).unwrap_or_default());
        let claims = token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let other = |error: &dyn std::fmt::Display| ClaimsVerificationError::Other(error.to_string());
            let alg = token.signing_alg().map_err(|error| other(&error))?;
            let key = token.signing_key(&verifier).map_err(|error| other(&error))?;
            if AccessTokenHash::from_token(access, alg, key).map_err(|error| other(&error))? != *expected {
                return Err(ClaimsVerificationError::Other("the access token is another one".to_owned()));
            }
        }
        Ok(claims)
    }

    /// What the provider says of itself with its keys, and since when that is known: kept, or asked. Not what is known since
    /// `outdated`, unless that is too short ago to ask again, or it cannot be asked.
    async fn metadata(&self, clock: &dyn Clock, outdated: Option<Timestamp>) -> Result<(Metadata, Timestamp), Trouble> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = known().answer(clock.now(), outdated);
        if let Some(answer) = answer {
            return answer;
        }
        // One asks; those who come meanwhile wait for its answer, but no longer than for the provider.
        let _turn = self.in_time(self.turn.lock()).await?;
        let answer = known().answer(clock.now(), outdated);
        if let Some(answer) = answer {
            return answer;
        }
        let asked = self.in_time(CoreProviderMetadata::discover_async(self.issuer(), &self.http)).await;
        let answer = asked.and_then(|asked| match asked {
            Ok(metadata) if self.http.may_go(metadata.authorization_endpoint().url()) => Ok(Arc::new(metadata)),
            Ok(_) => Err(self.nonsense(&Fault::from("its page is not https"))),
            Err(DiscoveryError::Request(error)) => Err(self.unreached(&error)),
            Err(other) => Err(self.nonsense(&other)),
        });
        // The silence begins after the wait.
        let now = clock.now();
        let mut known = known();
        match answer {
            Ok(metadata) => {
                *known = Known { metadata: Some((metadata.clone(), now)), trouble: None };
                Ok((metadata, now))
            }
            Err(trouble) => {
                known.trouble = Some((trouble, now));
                known.within(TRUSTED_FOR, now).ok_or(trouble)
            }
        }
    }

    fn client(&self, metadata: &CoreProviderMetadata) -> Client {
        let Settings { id, secret, .. } = &self.settings;
        // What the standard has everybody do who says nothing else.
        let methods = metadata.token_endpoint_auth_methods_supported();
        let is_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        CoreClient::from_provider_metadata(metadata.clone(), ClientId::new(id.clone()), Some(ClientSecret::new(secret.clone())))
            .set_auth_type(if is_basic { AuthType::BasicAuth } else { AuthType::RequestBody })
            .set_redirect_uri(self.redirect.clone())
    }

    fn issuer(&self) -> IssuerUrl {
        IssuerUrl::new(self.settings.issuer.clone()).expect("the configuration was checked")
    }

    async fn in_time<T>(&self, step: impl Future<Output = T>) -> Result<T, Trouble> {
        timeout(self.patience, step).await.map_err(|_| {
            tracing::warn!(provider = self.settings.name, "a sign-in provider did not answer in time");
            Trouble::Slow
        })
    }

    fn unreached(&self, error: &Fault) -> Trouble {
        tracing::warn!(provider = self.settings.name, %error, "a sign-in provider could not be reached");
        Trouble::Unreachable
    }

    fn nonsense(&self, error: &(dyn Error + 'static)) -> Trouble {
        let error = reason(error);
        tracing::warn!(provider = self.settings.name, error, "a sign-in provider said something that cannot be believed");
        Trouble::Nonsense
    }
}
