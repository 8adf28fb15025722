-- What somebody hosts is found by their seats.
drop index parties_by_host_going_on;
