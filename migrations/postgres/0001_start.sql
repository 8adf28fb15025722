-- The ground: accounts, parties with their meal part, rooms with their log.
-- Moments are milliseconds since 1970 in UTC (bigint): the same in both databases, exact, and comparable as they stand.

create table users (
    id uuid not null constraint users_primary primary key,
    email text not null,
    -- lower-cased; what "case-insensitively unique" means
    email_key text not null constraint users_email_key_unique unique,
    nickname text not null,
    nickname_key text not null constraint users_nickname_key_unique unique,
    password_hash text not null,
    birth_date text not null,
    gender text not null constraint users_gender_known check (gender in ('female', 'male', 'unsaid')),
    region bigint,
    school text,
    admission_year integer,
    lang text,
    theme text,
    created_at bigint not null,
    closed_at bigint
);

create table sessions (
    id uuid not null constraint sessions_primary primary key,
    user_id uuid not null constraint sessions_user references users (id),
    user_agent text not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    ended_at bigint
);
create index sessions_by_user on sessions (user_id, ended_at, last_seen_at);

-- A refresh token is stored as its SHA-256. A used one is kept for as long as it could be replayed.
create table refresh_tokens (
    hash text not null constraint refresh_tokens_primary primary key,
    session_id uuid not null constraint refresh_tokens_session references sessions (id),
    issued_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create index refresh_tokens_by_session on refresh_tokens (session_id);
create index refresh_tokens_by_expiry on refresh_tokens (expires_at);

create table rooms (
    id uuid not null constraint rooms_primary primary key,
    kind text not null constraint rooms_kind_known check (kind in ('direct', 'party')),
    -- the two people's ids in order, so that a pair has one room
    pair text constraint rooms_pair_unique unique,
    last_seq bigint not null default 0,
    -- how many of the messages were said by people (notices are not counted as unread)
    last_said bigint not null default 0,
    last_at bigint not null,
    created_at bigint not null,
    deleted_at bigint,
    deleted_reason text
);

create table room_members (
    room_id uuid not null constraint room_members_room references rooms (id),
    user_id uuid not null constraint room_members_user references users (id),
    joined_at bigint not null,
    -- the room's last number when this person came in: older messages are not theirs to count
    joined_seq bigint not null,
    read_seq bigint not null,
    -- how many said messages were read, so that unread is a subtraction
    read_said bigint not null,
    -- a direct room that this person has left: out of the list until somebody writes again
    hidden boolean not null default false,
    -- set when this person may no longer read: they left, were removed, or the room ended
    left_at bigint,
    constraint room_members_primary primary key (room_id, user_id)
);
create index room_members_by_user on room_members (user_id, left_at, hidden);

create table messages (
    room_id uuid not null constraint messages_room references rooms (id),
    seq bigint not null,
    -- the number among the room's said messages, up to and including this one
    said bigint not null,
    send_id uuid,
    author_id uuid constraint messages_author references users (id),
    kind text not null constraint messages_kind_known check (kind in ('text', 'notice')),
    -- the text as typed, or a notice's code
    body text not null,
    -- the person or thing a notice is about, as it was called then
    subject text,
    reply_to bigint,
    created_at bigint not null,
    constraint messages_primary primary key (room_id, seq),
    constraint messages_send_unique unique (room_id, author_id, send_id)
);

create table parties (
    id uuid not null constraint parties_primary primary key,
    kind text not null constraint parties_kind_known check (kind in ('meal', 'companion', 'campus')),
    host_id uuid not null constraint parties_host references users (id),
    room_id uuid not null constraint parties_room_unique unique constraint parties_room references rooms (id),
    title text not null,
    body text not null,
    region bigint,
    district bigint,
    -- what kind of meal it is: here, so that lists of one category are read from an index
    category text,
    seats integer not null constraint parties_seats_range check (seats between 2 and 30),
    -- people with the host who are not on the service
    outside integer not null default 0 constraint parties_outside_range check (outside >= 0),
    -- members (the host's seat included) plus outside; the database counts, nobody else
    taken integer not null,
    deadline_at bigint not null,
    state text not null constraint parties_state_known check (state in ('open', 'closed', 'ordered', 'arrived', 'settled', 'done', 'cancelled')),
    -- why it is closed: 'full' reopens by itself when a seat is freed
    closed_by text constraint parties_closed_by_known check (closed_by in ('full', 'deadline', 'host')),
    joining text not null constraint parties_joining_known check (joining in ('direct', 'approval')),
    views bigint not null default 0,
    comments bigint not null default 0,
    popularity bigint not null default 0,
    -- deadline for open parties; behind all open ones otherwise, the latest first: the key of "closing soon"
    soon_key bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint parties_not_overbooked check (taken <= seats)
);
-- Lists: one index for each scope and order, so that a page is read from where it begins, at any depth. Three families: all of
-- them, one category, and those that are open. What is cancelled is in no list.
create index parties_by_region_created on parties (kind, region, created_at, id) where state <> 'cancelled';
create index parties_by_region_soon on parties (kind, region, soon_key, id) where state <> 'cancelled';
create index parties_by_region_popularity on parties (kind, region, popularity, id) where state <> 'cancelled';
create index parties_by_region_views on parties (kind, region, views, id) where state <> 'cancelled';
create index parties_by_region_comments on parties (kind, region, comments, id) where state <> 'cancelled';
create index parties_by_district_created on parties (kind, district, created_at, id) where state <> 'cancelled';
create index parties_by_district_soon on parties (kind, district, soon_key, id) where state <> 'cancelled';
create index parties_by_district_popularity on parties (kind, district, popularity, id) where state <> 'cancelled';
create index parties_by_district_views on parties (kind, district, views, id) where state <> 'cancelled';
create index parties_by_district_comments on parties (kind, district, comments, id) where state <> 'cancelled';
create index parties_by_region_category_created on parties (kind, region, category, created_at, id) where state <> 'cancelled';
create index parties_by_region_category_soon on parties (kind, region, category, soon_key, id) where state <> 'cancelled';
create index parties_by_region_category_popularity on parties (kind, region, category, popularity, id) where state <> 'cancelled';
create index parties_by_region_category_views on parties (kind, region, category, views, id) where state <> 'cancelled';
create index parties_by_region_category_comments on parties (kind, region, category, comments, id) where state <> 'cancelled';
create index parties_by_district_category_created on parties (kind, district, category, created_at, id) where state <> 'cancelled';
create index parties_by_district_category_soon on parties (kind, district, category, soon_key, id) where state <> 'cancelled';
create index parties_by_district_category_popularity on parties (kind, district, category, popularity, id) where state <> 'cancelled';
create index parties_by_district_category_views on parties (kind, district, category, views, id) where state <> 'cancelled';
create index parties_by_district_category_comments on parties (kind, district, category, comments, id) where state <> 'cancelled';
create index parties_by_region_open_created on parties (kind, region, created_at, id) where state = 'open';
create index parties_by_region_open_soon on parties (kind, region, soon_key, id) where state = 'open';
create index parties_by_region_open_popularity on parties (kind, region, popularity, id) where state = 'open';
create index parties_by_region_open_views on parties (kind, region, views, id) where state = 'open';
create index parties_by_region_open_comments on parties (kind, region, comments, id) where state = 'open';
create index parties_by_district_open_created on parties (kind, district, created_at, id) where state = 'open';
create index parties_by_district_open_soon on parties (kind, district, soon_key, id) where state = 'open';
create index parties_by_district_open_popularity on parties (kind, district, popularity, id) where state = 'open';
create index parties_by_district_open_views on parties (kind, district, views, id) where state = 'open';
create index parties_by_district_open_comments on parties (kind, district, comments, id) where state = 'open';
create index parties_by_host on parties (host_id, created_at);
create index parties_due on parties (deadline_at) where (state = 'open' or closed_by = 'full');

create table meals (
    party_id uuid not null constraint meals_primary primary key constraint meals_party references parties (id),
    shop text not null,
    shop_link text,
    -- whole won
    fee bigint not null constraint meals_fee_range check (fee between 0 and 1000000),
    minimum bigint not null constraint meals_minimum_range check (minimum between 0 and 1000000),
    pickup text not null
);

create table party_members (
    party_id uuid not null constraint party_members_party references parties (id),
    user_id uuid not null constraint party_members_user references users (id),
    joined_at bigint not null,
    constraint party_members_primary primary key (party_id, user_id)
);
create index party_members_by_user on party_members (user_id, joined_at);

-- People who asked to come in: an application waits for the host, a waitlist entry for a seat.
create table party_requests (
    party_id uuid not null constraint party_requests_party references parties (id),
    user_id uuid not null constraint party_requests_user references users (id),
    kind text not null constraint party_requests_kind_known check (kind in ('application', 'waitlist')),
    message text not null default '',
    created_at bigint not null,
    constraint party_requests_primary primary key (party_id, user_id)
);
create index party_requests_in_order on party_requests (party_id, kind, created_at, user_id);
create index party_requests_by_user on party_requests (user_id, created_at);

create table party_bans (
    party_id uuid not null constraint party_bans_party references parties (id),
    user_id uuid not null constraint party_bans_user references users (id),
    created_at bigint not null,
    constraint party_bans_primary primary key (party_id, user_id)
);

-- Each person or visitor counts once a day (the day as a number since 1970 in Seoul).
create table party_views (
    party_id uuid not null constraint party_views_party references parties (id),
    viewer text not null,
    day bigint not null,
    constraint party_views_primary primary key (party_id, viewer, day)
);
create index party_views_by_day on party_views (day);
