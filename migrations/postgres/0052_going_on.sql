-- What is under way goes on until it is settled, however late that is. Who has hosted for years has few parties that go on: they are
-- found without the others.
drop index parties_by_host_deadline;
create index parties_by_host_going_on on parties (host_id, kind, (
    case when state in ('ordered', 'arrived') then 9000000000000000 when state in ('settled', 'cancelled') then 0 else deadline_at end
)) where state <> 'cancelled';
