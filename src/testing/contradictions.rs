//! What must never stand in a database, as questions whose answer is 0. A file of its own, which the crash tests take as well.

/// What stands with seats, requests and bookmarks is what their parties say.
pub const SHELVES: [(&str, &str); 7] = [
    (
        "seats over at another time than their party",
        "select count(*) from party_members s join parties p on p.id = s.party_id where s.over_at <>
             case when p.state in ('ordered', 'arrived') then 9000000000000000 when p.state in ('settled', 'cancelled') then 0
                  else p.deadline_at end",
    ),
    (
        "seats on the shelf of the others",
        "select count(*) from party_members s join parties p on p.id = s.party_id
         where s.shelf = case when s.user_id = p.host_id then 'joined' else 'hosted' end",
    ),
    ("seats that are over and not put away", "select count(*) from party_members where over_at = 0 and shelf <> 'past'"),
    (
        "seats of another kind than their party",
        "select count(*) from party_members s join parties p on p.id = s.party_id where s.party_kind <> p.kind",
    ),
    (
        "requests of another kind than their party",
        "select count(*) from party_requests r join parties p on p.id = r.party_id where r.party_kind <> p.kind",
    ),
    (
        "requests over at another time than their party's deadline",
        "select count(*) from party_requests r join parties p on p.id = r.party_id where r.over_at <> p.deadline_at",
    ),
    (
        "bookmarks of another kind than their party",
        "select count(*) from bookmarks b join parties p on p.id = b.party_id where b.party_kind <> p.kind",
    ),
];
