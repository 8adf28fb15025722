-- What somebody hosts is found by their seats.
drop index parties_by_host_going_on;
-- What goes on is looked through from time to time, one page after the other.
create index parties_going_on on parties (id) where (ended = 0 or state in ('ordered', 'arrived'));
