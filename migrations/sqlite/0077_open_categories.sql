-- What is open of one category, in the order of each list: without these, whoever asks for a category that nothing is open of has all
-- open orders of the area read.
create index parties_by_region_open_category_created on parties (kind, region, category, created_at, id) where state = 'open';
create index parties_by_region_open_category_soon on parties (kind, region, category, soon_key, id) where state = 'open';
create index parties_by_region_open_category_popularity on parties (kind, region, category, popularity, id) where state = 'open';
create index parties_by_region_open_category_views on parties (kind, region, category, views, id) where state = 'open';
create index parties_by_region_open_category_comments on parties (kind, region, category, comments, id) where state = 'open';
create index parties_by_district_open_category_created on parties (kind, district, category, created_at, id) where state = 'open';
create index parties_by_district_open_category_soon on parties (kind, district, category, soon_key, id) where state = 'open';
create index parties_by_district_open_category_popularity on parties (kind, district, category, popularity, id) where state = 'open';
create index parties_by_district_open_category_views on parties (kind, district, category, views, id) where state = 'open';
create index parties_by_district_open_category_comments on parties (kind, district, category, comments, id) where state = 'open';
