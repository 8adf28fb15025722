-- What one person has said is read from the rooms themselves, and whether a message is there already by its name.
drop index messages_by_author;
drop index messages_sent_once;
