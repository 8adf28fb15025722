-- Whether a message is there already. Led by the author, so that it is looked up by this index and no other: while a planner knows
-- little of a young table, it takes one index led by the room to be as good as another, and reads a whole room for each message.
create unique index messages_sent_once on messages (author_id, send_id, room_id) where send_id is not null;
alter table messages drop constraint messages_send_unique;
