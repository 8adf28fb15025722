-- Settling a bill: what was paid beside the things themselves, and who has sent and received what. No money passes through here.
create table settlements (
    party_id uuid not null constraint settlements_primary primary key constraint settlements_party references parties (id),
    -- whole won, as it was in the end
    fee bigint not null constraint settlements_fee_range check (fee between 0 and 1000000),
    split text not null constraint settlements_split_known check (split in ('equal', 'by_items')),
    -- where to send it: what the host wrote, nothing once all is settled
    account text not null,
    link text,
    -- the host who wrote it
    set_by uuid not null constraint settlements_set_by references users (id),
    updated_at bigint not null
);
create index settlements_by_host on settlements (set_by);

-- What the host has added or taken off, for all or for one.
create table bill_extras (
    id uuid not null constraint bill_extras_primary primary key,
    party_id uuid not null constraint bill_extras_party references parties (id),
    user_id uuid constraint bill_extras_user references users (id),
    label text not null,
    amount bigint not null constraint bill_extras_amount_range check (amount between -1000000 and 1000000 and amount <> 0),
    created_at bigint not null
);
create index bill_extras_in_order on bill_extras (party_id, created_at, id);

-- Who says that they have sent how much, and what of it the host has received. An amount that is not their share any more counts for
-- nothing.
create table payments (
    party_id uuid not null constraint payments_party references parties (id),
    user_id uuid not null constraint payments_user references users (id),
    sent bigint,
    sent_at bigint,
    received bigint,
    received_at bigint,
    reminded_at bigint,
    constraint payments_primary primary key (party_id, user_id)
);
create index payments_by_user on payments (user_id, party_id);

-- Every change of a settlement, with who and when.
create table bill_history (
    id uuid not null constraint bill_history_primary primary key,
    party_id uuid not null constraint bill_history_party references parties (id),
    actor_id uuid not null constraint bill_history_actor references users (id),
    what text not null,
    -- whom it is about, if it is about somebody
    subject_id uuid constraint bill_history_subject references users (id),
    amount bigint,
    -- what an extra was called
    label text not null default '',
    created_at bigint not null
);
create index bill_history_in_order on bill_history (party_id, created_at, id);
create index bill_history_by_actor on bill_history (actor_id, created_at, id);
