-- What people keep for later, and what they report.

create table bookmarks (
    user_id blob not null constraint bookmarks_user references users (id),
    party_id blob not null constraint bookmarks_party references parties (id),
    created_at bigint not null,
    constraint bookmarks_primary primary key (user_id, party_id)
);
create index bookmarks_in_order on bookmarks (user_id, created_at, party_id);

-- A person reports a thing once; saying it again says it better.
create table reports (
    id blob not null constraint reports_primary primary key,
    reporter_id blob not null constraint reports_reporter references users (id),
    kind text not null constraint reports_kind_known check (kind in ('party')),
    target_id blob not null,
    reason text not null constraint reports_reason_known check (reason in ('spam', 'fraud', 'abuse', 'other')),
    body text not null,
    created_at bigint not null,
    constraint reports_once unique (reporter_id, kind, target_id)
);
create index reports_newest on reports (created_at, id);
