-- When a party is over for those who sit there: never while it is under way, at once when it is settled or called off, with its deadline
-- otherwise. It stands with each seat, because a person's parties are looked for by it, however long ago they sat down and however many
-- are over by now.
alter table party_members add column over_at bigint not null default 0;
update party_members set over_at = (
    select case when p.state in ('ordered', 'arrived') then 9000000000000000 when p.state in ('settled', 'cancelled') then 0 else p.deadline_at end
    from parties p where p.id = party_members.party_id);
create index party_members_by_user_over on party_members (user_id, over_at);
-- Those that are over are listed by when the person sat down.
drop index party_members_by_user;
create index party_members_by_user on party_members (user_id, joined_at, party_id);
