-- Names of messages begin with the moment they are given: led by them, what is written together lies together, whoever wrote it. Led
-- by the author, each message of a busy room was another page to write. What one person has said is read from the rooms themselves.
-- SQLite cannot drop a constraint, so the table is made anew.
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
    -- the thing a notice is about, as it was called then
    subject text,
    -- what it answers, or changes
    reply_to bigint,
    -- the number of the last change of a text
    changed_seq bigint,
    created_at bigint not null,
    -- the person a notice is about
    subject_id blob constraint messages_subject references users (id),
    pictures text not null default '',
    constraint messages_primary primary key (room_id, seq)
);
insert into messages_new (room_id, seq, said, send_id, author_id, kind, body, subject, reply_to, changed_seq, created_at, subject_id, pictures)
select room_id, seq, said, send_id, author_id, kind, body, subject, reply_to, changed_seq, created_at, subject_id, pictures
from messages order by rowid;
drop table messages;
alter table messages_new rename to messages;
create unique index messages_by_name on messages (send_id, author_id, room_id) where send_id is not null;
create index messages_seen on messages (room_id, seq) where kind <> 'change';
