-- Who has hosted for years has few parties that go on: they are found without the others.
create index parties_by_host_deadline on parties (host_id, kind, deadline_at) where state <> 'cancelled';
