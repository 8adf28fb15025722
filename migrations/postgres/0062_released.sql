-- Who was removed once the host had ordered: what they had ordered was paid to the shop all the same, and is the host's.
alter table party_bans add column has_ordered integer not null default 0;
