-- Run once by MySQL's image, when the volume is empty. As on its own server the user may make databases, one for each test suite, and
-- users, one for each function.
GRANT ALL PRIVILEGES ON *.* TO 'retail'@'%' WITH GRANT OPTION;
