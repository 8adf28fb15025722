-- Who wrote what stands at a party, when that is not its host: it was handed over since. It is theirs when things are taken along.
alter table parties add column writer_id blob constraint parties_writer references users (id);
create index parties_by_writer on parties (writer_id) where writer_id is not null;
-- Of those that were handed over before, it is who came into the room with it.
update parties set writer_id = (
    select m.user_id from room_members m
    where m.room_id = parties.room_id and m.joined_at = parties.created_at and m.user_id <> parties.host_id limit 1)
where exists (select 1 from messages h where h.room_id = parties.room_id and h.kind = 'notice' and h.body = 'host_changed');
