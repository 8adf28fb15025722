-- Whoever writes into a room asks who has taken it out of their list.
create index room_members_hidden on room_members (room_id) where hidden;
