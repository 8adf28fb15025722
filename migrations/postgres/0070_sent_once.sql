-- Whether a message is there already. Led by the author, so that it is looked up by this index and no other: while a planner knows
-- little of a young table, it takes one index led by the room to be as good as another, and reads a whole room for each message.
-- The constraint first: that takes the whole table at once. The index alone would let in who reads, and the two would wait for each
-- other as soon as one of these writes.
alter table messages drop constraint messages_send_unique;
create unique index messages_sent_once on messages (author_id, send_id, room_id) where send_id is not null;
