-- What happened to a person while they were elsewhere. Unread messages are not here: rooms count those themselves.
create table notices (
    id uuid not null constraint notices_primary primary key,
    user_id uuid not null constraint notices_user references users (id),
    kind text not null,
    party_id uuid not null constraint notices_party references parties (id),
    -- who did it last, if somebody did
    actor_id uuid constraint notices_actor references users (id),
    -- how often it happened since it was read the last time
    times bigint not null,
    created_at bigint not null,
    read_at bigint
);
-- What happens again before it is read is the same notice.
create unique index notices_unread_once on notices (user_id, kind, party_id) where read_at is null;
create index notices_in_order on notices (user_id, created_at, id);
create index notices_old on notices (created_at);
