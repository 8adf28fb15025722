-- Accounts are closed at once and erased a month later.
alter table users add column erased_at bigint;
create index users_to_erase on users (closed_at) where closed_at is not null and erased_at is null;
create index mails_by_user on mails (user_id);

-- Whom a notice in a room is about, so that it says their name as it is now; `subject` is for what has no name.
alter table messages add column subject_id uuid constraint messages_subject references users (id);
