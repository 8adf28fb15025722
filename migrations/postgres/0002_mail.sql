-- Work that waits, mails that wait, and the links in them.

-- What is done beside the requests: at least once, by one node at a time, again and again until it worked.
create table jobs (
    id uuid not null constraint jobs_primary primary key,
    kind text not null,
    -- JSON; what it holds is the kind's matter
    payload text not null,
    -- not before this
    run_at bigint not null,
    tries bigint not null default 0,
    -- a node works on it until then; afterwards another may
    taken_until bigint,
    -- why it did not work the last time
    trouble text,
    -- given up
    dead_at bigint,
    created_at bigint not null
);
create index jobs_due on jobs (run_at) where dead_at is null;

-- The outbox. Letters are written when they are sent, from what they are about.
create table mails (
    id uuid not null constraint mails_primary primary key,
    user_id uuid constraint mails_user references users (id),
    recipient text not null,
    lang text not null,
    -- JSON: which letter, and what it mentions
    letter text not null,
    -- 'kept' where there is no mail server
    state text not null constraint mails_state_known check (state in ('waiting', 'kept', 'sent', 'given_up')),
    created_at bigint not null,
    settled_at bigint
);
create index mails_newest on mails (created_at, id);

-- Links that prove a mailbox: each is good once, for its purpose, for a while.
create table mail_links (
    id uuid not null constraint mail_links_primary primary key,
    user_id uuid not null constraint mail_links_user references users (id),
    purpose text not null constraint mail_links_purpose_known check (purpose in ('verify', 'reset')),
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index mail_links_by_user on mail_links (user_id, purpose, created_at);

-- When it was proved that the address is theirs. Those from before there was mail count as proved.
alter table users add column verified_at bigint;
update users set verified_at = created_at;
