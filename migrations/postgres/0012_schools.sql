-- Schools, and who has proved that they go to one.

-- Those that ship with the program are brought in at its start, those of the operator by `moim import schools`.
create table schools (
    id text not null constraint schools_primary primary key,
    name text not null,
    english text not null,
    -- both without blanks and capitals, as they are looked up
    name_key text not null,
    english_key text not null,
    -- mail domains with a blank between them; only an import writes them, and it sees to it that no two schools share one
    domains text not null,
    -- the operator's: what ships with the program does not change it
    imported boolean not null
);
create index schools_by_name on schools (name_key);
create index schools_by_english on schools (english_key);

-- A mailed link may prove that somebody reads a mailbox at a school.
alter table mail_links drop constraint mail_links_purpose_known;
alter table mail_links add constraint mail_links_purpose_known check (purpose in ('verify', 'reset', 'school'));

-- Which school and which mailbox such a link is about. The mailbox is an HMAC: nobody reads the address here.
create table school_claims (
    link_id uuid not null constraint school_claims_primary primary key
        constraint school_claims_link references mail_links (id) on delete cascade,
    school_id text not null constraint school_claims_school references schools (id),
    address_key text not null
);

-- Who goes to which school, proved by a mailbox that stands for one person at a time.
create table school_proofs (
    address_key text not null constraint school_proofs_primary primary key,
    user_id uuid not null constraint school_proofs_user_id_unique unique constraint school_proofs_user references users (id),
    school_id text not null constraint school_proofs_school references schools (id),
    proved_at bigint not null,
    -- not proved any more from then on
    until_at bigint not null
);
create index school_proofs_lapsed on school_proofs (until_at);
