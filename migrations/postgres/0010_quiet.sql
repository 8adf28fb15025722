-- Rooms that somebody does not want to hear of, and people.
alter table room_members add column muted boolean not null default false;

create table blocks (
    user_id uuid not null constraint blocks_user references users (id),
    blocked_id uuid not null constraint blocks_blocked references users (id),
    created_at bigint not null,
    constraint blocks_primary primary key (user_id, blocked_id),
    constraint blocks_of_others check (user_id <> blocked_id)
);
create index blocks_in_order on blocks (user_id, created_at);
