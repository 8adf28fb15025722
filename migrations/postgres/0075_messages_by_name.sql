-- Names of messages begin with the moment they are given: led by them, what is written together lies together, whoever wrote it. Led
-- by the author, each message of a busy room was another page to write. It has a name of its own, so that who reads goes on meanwhile;
-- what it takes the place of goes with the next one, in a moment.
create unique index messages_by_name on messages (send_id, author_id, room_id) where send_id is not null;
