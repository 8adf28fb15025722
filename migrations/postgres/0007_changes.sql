-- Messages can be changed and deleted. A change is an entry of the log that names the message; what it says now stands there,
-- in `body` (nothing when it was deleted).
alter table messages drop constraint messages_kind_known;
alter table messages add constraint messages_kind_known check (kind in ('text', 'notice', 'change'));
-- the number of the last change of a text
alter table messages add column changed_seq bigint;
-- the number of the last entry that is no change: what the room list shows
alter table rooms add column last_shown bigint not null default 0;
update rooms set last_shown = last_seq;
