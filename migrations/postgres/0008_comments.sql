-- What is said under a party, and answers to that.
create table comments (
    id uuid not null constraint comments_primary primary key,
    party_id uuid not null constraint comments_party references parties (id),
    -- the comment that it stands under; that one stands alone
    parent_id uuid constraint comments_parent references comments (id),
    -- whom it answers, when that is not the writer of the comment above
    answered_id uuid constraint comments_answered references users (id),
    author_id uuid not null constraint comments_author references users (id),
    -- nothing when it was deleted
    body text not null,
    likes bigint not null default 0 constraint comments_likes_range check (likes >= 0),
    -- answers that are not deleted
    replies bigint not null default 0 constraint comments_replies_range check (replies >= 0),
    created_at bigint not null,
    edited_at bigint,
    -- a deleted one stays while there are answers to it
    deleted_at bigint
);
create index comments_in_order on comments (party_id, created_at, id) where parent_id is null;
create index comments_answers on comments (parent_id, created_at, id) where parent_id is not null;
create index comments_by_author on comments (author_id, created_at);

create table comment_likes (
    comment_id uuid not null constraint comment_likes_comment references comments (id),
    user_id uuid not null constraint comment_likes_user references users (id),
    created_at bigint not null,
    constraint comment_likes_primary primary key (comment_id, user_id)
);
create index comment_likes_by_user on comment_likes (user_id, created_at);
