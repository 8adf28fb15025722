-- What each person at a table orders. Who has left takes nothing along: what they had entered is theirs again when they come back,
-- and counts for nobody meanwhile.
create table bill_items (
    -- the name that its form gave to it, so that the same form enters it once
    id uuid not null constraint bill_items_primary primary key,
    party_id uuid not null constraint bill_items_party references parties (id),
    user_id uuid not null constraint bill_items_user references users (id),
    name text not null,
    -- whole won, of one
    price bigint not null constraint bill_items_price_range check (price between 0 and 1000000),
    count integer not null constraint bill_items_count_range check (count between 1 and 99),
    created_at bigint not null
);
create index bill_items_in_order on bill_items (party_id, user_id, created_at, id);
create index bill_items_by_user on bill_items (user_id, created_at, id);
