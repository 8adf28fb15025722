-- A person's parties are read from where a page of them begins, however many they have: on which shelf each stands is written down with
-- the seat. That the time of one is over is written down in the second after it.
alter table party_members add column party_kind text not null default 'meal';
alter table party_members add column shelf text not null default 'joined'
    constraint party_members_shelf_known check (shelf in ('hosted', 'joined', 'past'));
update party_members set
    party_kind = (select kind from parties p where p.id = party_members.party_id),
    shelf = case when over_at <= (extract(epoch from now())::bigint - 12 * 3600) * 1000 then 'past'
                 when user_id = (select host_id from parties p where p.id = party_members.party_id) then 'hosted' else 'joined' end;
create index party_members_on_shelf on party_members (user_id, party_kind, shelf, joined_at, party_id);
create index party_members_to_end on party_members (over_at) where shelf <> 'past';
drop index party_members_by_user_over;
