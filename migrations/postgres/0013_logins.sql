-- Signing in with an account of elsewhere (OpenID Connect).

-- Whose account of elsewhere signs in to which account here.
create table identities (
    id uuid not null constraint identities_primary primary key,
    user_id uuid not null constraint identities_user references users (id),
    -- the provider, and its name for the person
    issuer text not null,
    subject text not null,
    created_at bigint not null,
    constraint identities_subject_unique unique (issuer, subject),
    -- one of each provider; it finds those of a person, too
    constraint identities_user_id_unique unique (user_id, issuer)
);

-- Who was sent to a provider and has not come back. Secrets stand here as their hashes, except those that only the provider is shown.
create table departures (
    state text not null constraint departures_primary primary key,
    -- which browser may come back with it
    browser text not null,
    provider text not null,
    nonce text not null,
    verifier text not null,
    -- where to go in the end
    next text not null,
    -- who wants to link it; rows are gone after a few minutes, so nobody has to be removed from here
    user_id uuid,
    expires_at bigint not null
);
create index departures_old on departures (expires_at);

-- Who came back from a provider and has yet to type a password, or to sign up: one a browser, under another secret than it left with.
create table arrivals (
    browser text not null constraint arrivals_primary primary key,
    -- what a form names: of two tabs of a browser the later one's counts
    id uuid not null,
    provider text not null,
    issuer text not null,
    subject text not null,
    -- only when the provider has verified it
    email text,
    user_id uuid,
    expires_at bigint not null
);
create index arrivals_old on arrivals (expires_at);
