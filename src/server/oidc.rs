//! Signing in with an account of elsewhere (OpenID Connect): what this server asks of a provider, and what it believes.
//!
//! The authorization code flow with PKCE. A provider is asked for nothing before somebody goes there; what it says of itself is kept
//! for a while. Whatever it does (nothing, slowly, nonsense) ends in a [`Trouble`].

mod http;
pub mod settings;

use super::config::Config;
use super::keys::random_secret;
use crate::shared::time::{Span, Timestamp};
use chrono::DateTime;
use http::{Http, Unreached};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken, CoreIdTokenClaims, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, DiscoveryError,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, TokenResponse, UserInfoError,
};
use settings::Settings;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// What a provider says of itself is asked again after this.
const KEPT_FOR: Span = Span::hours(1);
/// Its keys are not asked more often than this, whatever tokens come.
const KEYS_AGAIN_AFTER: Span = Span::minutes(1);
/// One that could not be reached is left alone this long: those who come meanwhile are told at once.
const SILENCE: Span = Span::seconds(5);
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
    /// Their address, only when the provider says that it has verified it.
    pub email: Option<String>,
}

/// One place where people may have an account.
pub struct Provider {
    /// What the operator decided.
    pub settings: Settings,
    redirect: RedirectUrl,
    http: Http,
    patience: Duration,
    known: Mutex<Known>,
}

/// What is known of a provider, and since when.
enum Known {
    Nothing,
    Metadata(Arc<CoreProviderMetadata>, Timestamp),
    Trouble(Trouble, Timestamp),
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
            known: Mutex::new(Known::Nothing),
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
    /// Prepares somebody's way to the provider.
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub async fn depart(&self, now: Timestamp) -> Result<Departure, Trouble> {
        let (metadata, _) = self.metadata(now, None).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .client(&metadata)
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(random_secret()), || Nonce::new(random_secret()))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure { url, state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() })
    }

    /// Exchanges the code with which somebody has come back for who they are.
    ///
    /// # Errors
    /// What is wrong with the provider, or with what it said.
    pub async fn identify(&self, code: String, nonce: String, verifier: String, now: Timestamp) -> Result<Identity, Trouble> {
        let nonce = Nonce::new(nonce);
        let (metadata, since) = self.metadata(now, None).await?;
        let client = self.client(&metadata);
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| self.nonsense(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let answer = self.in_time(request.request_async(&self.http)).await?.map_err(|error| match error {
            RequestTokenError::Request(error) => self.unreached(&error),
            other => self.nonsense(&other),
        })?;
        let token = answer.id_token().ok_or_else(|| self.nonsense(&"there was no id token"))?;
        // A key that is not known may be a new one.
        let (client, claims) = match self.believe(&client, token, answer.access_token(), &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let (metadata, _) = self.metadata(now, Some(since)).await?;
                let client = self.client(&metadata);
                let claims = self.believe(&client, token, answer.access_token(), &nonce, now);
                (client, claims.map_err(|error| self.nonsense(&error))?)
            }
            other => (client, other.map_err(|error| self.nonsense(&error))?),
        };
        let (mut email, mut is_verified) = (claims.email().map(|email| email.to_string()), claims.email_verified());
        if email.is_none() || is_verified.is_none() {
            // Many say it only when they are asked.
            if let Ok(request) = client.user_info(answer.access_token().clone(), Some(claims.subject().clone())) {
                let more: CoreUserInfoClaims = self.in_time(request.request_async(&self.http)).await?.map_err(|error| match error {
                    UserInfoError::Request(error) => self.unreached(&error),
                    other => self.nonsense(&other),
                })?;
                email = more.email().map(|email| email.to_string());
                is_verified = more.email_verified();
            }
        }
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > MAX_SUBJECT {
            return Err(self.nonsense(&"the subject is empty or too long"));
        }
        Ok(Identity { issuer: self.settings.issuer.clone(), subject, email: email.filter(|_| is_verified == Some(true)) })
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
    /// `outdated`, unless that is too short ago to ask again.
    async fn metadata(&self, now: Timestamp, outdated: Option<Timestamp>) -> Result<(Arc<CoreProviderMetadata>, Timestamp), Trouble> {
        // One asks; those who come meanwhile wait for its answer.
        let mut known = self.known.lock().await;
        match &*known {
            Known::Metadata(metadata, since)
                if now - *since < KEPT_FOR && (outdated != Some(*since) || now - *since < KEYS_AGAIN_AFTER) =>
            {
                return Ok((metadata.clone(), *since));
            }
            Known::Trouble(trouble, since) if now - *since < SILENCE => return Err(*trouble),
            _ => {}
        }
        let asked = self.in_time(CoreProviderMetadata::discover_async(self.issuer(), &self.http)).await;
        let answer = asked.and_then(|asked| match asked {
            Ok(metadata) => Ok(Arc::new(metadata)),
            Err(DiscoveryError::Request(error)) => Err(self.unreached(&error)),
            Err(other) => Err(self.nonsense(&other)),
        });
        *known = match &answer {
            Ok(metadata) => Known::Metadata(metadata.clone(), now),
            Err(trouble) => Known::Trouble(*trouble, now),
        };
        answer.map(|metadata| (metadata, now))
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

    fn unreached(&self, error: &Unreached) -> Trouble {
        tracing::warn!(provider = self.settings.name, %error, "a sign-in provider could not be reached");
        Trouble::Unreachable
    }

    fn nonsense(&self, error: &dyn std::fmt::Display) -> Trouble {
        tracing::warn!(provider = self.settings.name, %error, "a sign-in provider said something that cannot be believed");
        Trouble::Nonsense
    }
}
