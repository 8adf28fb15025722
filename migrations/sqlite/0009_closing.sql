-- Accounts are closed at once and erased a month later.
alter table users add column erased_at bigint;
create index users_to_erase on users (closed_at) where closed_at is not null and erased_at is null;
create index mails_by_user on mails (user_id);

-- Whom a notice in a room is about, so that it says their name as it is now; `subject` is for what has no name.
alter table messages add column subject_id blob constraint messages_subject references users (id);
-- Those from before are found by their names; a name that nobody there has any more is not kept.
update messages set subject_id = (
    select u.id from room_members m join users u on u.id = m.user_id
    where m.room_id = messages.room_id and u.nickname = messages.subject limit 1)
where kind = 'notice' and body in ('joined', 'left', 'removed', 'host_changed');
update messages set subject = case when subject_id is null then '' end
where kind = 'notice' and body in ('joined', 'left', 'removed', 'host_changed');

-- What one person has said, for the file of their own things; and what is seen of a room, without the changes between.
create index messages_by_author on messages (author_id, room_id, seq) where kind = 'text';
create index messages_seen on messages (room_id, seq) where kind <> 'change';
