-- The same of what is asked for: over with the deadline of the party.
alter table party_requests add column party_kind text not null default 'meal';
alter table party_requests add column over_at bigint not null default 9000000000000000;
alter table party_requests add column is_over boolean not null default false;
update party_requests set
    party_kind = (select kind from parties p where p.id = party_requests.party_id),
    over_at = (select deadline_at from parties p where p.id = party_requests.party_id);
update party_requests set is_over = true where over_at <= unixepoch('now') * 1000;
create index party_requests_on_shelf on party_requests (user_id, party_kind, kind, is_over, created_at, party_id);
create index party_requests_to_end on party_requests (over_at) where is_over = false;
