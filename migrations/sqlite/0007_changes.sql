-- Messages can be changed and deleted. A change is an entry of the log that names the message; what it says now stands there.
-- SQLite cannot widen a check, so the table is made anew.
create table messages_new (
    room_id blob not null constraint messages_room references rooms (id),
    seq bigint not null,
    -- the number among the room's said messages, up to and including this one
    said bigint not null,
    send_id blob,
    author_id blob constraint messages_author references users (id),
    kind text not null constraint messages_kind_known check (kind in ('text', 'notice', 'change')),
    -- the text as it is now (nothing when it was deleted), or a notice's code
    body text not null,
    -- the person or thing a notice is about, as it was called then
    subject text,
    -- what it answers, or changes
    reply_to bigint,
    -- the number of the last change of a text
    changed_seq bigint,
    created_at bigint not null,
    constraint messages_primary primary key (room_id, seq),
    constraint messages_send_unique unique (room_id, author_id, send_id)
);
insert into messages_new (room_id, seq, said, send_id, author_id, kind, body, subject, reply_to, created_at)
select room_id, seq, said, send_id, author_id, kind, body, subject, reply_to, created_at from messages;
drop table messages;
alter table messages_new rename to messages;
-- the number of the last entry that is no change: what the room list shows
alter table rooms add column last_shown bigint not null default 0;
update rooms set last_shown = last_seq;
