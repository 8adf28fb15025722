-- What somebody keeps is listed without reading the parties.
alter table bookmarks add column party_kind text not null default 'meal';
update bookmarks set party_kind = (select kind from parties p where p.id = bookmarks.party_id);
drop index bookmarks_in_order;
create index bookmarks_in_order on bookmarks (user_id, created_at, party_id, party_kind);
