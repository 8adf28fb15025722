-- Names of messages begin with the moment they are given: led by them, what is written together lies together, whoever wrote it. Led
-- by the author, each message of a busy room was another page to write. What one person has said is read from the rooms themselves.
drop index messages_by_author;
drop index messages_sent_once;
create unique index messages_sent_once on messages (send_id, author_id, room_id) where send_id is not null;
