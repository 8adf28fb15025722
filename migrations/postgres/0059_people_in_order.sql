-- Those who are blocked, and those who were removed, are read a page at a time.
drop index blocks_in_order;
create index blocks_in_order on blocks (user_id, created_at, blocked_id);
create index party_bans_in_order on party_bans (party_id, created_at, user_id);
