-- Pictures of parties: shown to whoever may see the party. What is shown is not free.
alter table images add column party_id uuid constraint images_party references parties (id)
    constraint images_shown_or_free check (party_id is null or free_since is null);
create index images_by_party on images (party_id) where party_id is not null;

-- What is shown with a party: `ID.WIDTHxHEIGHT` words, in order; the first is its cover.
alter table parties add column pictures text not null default '';
