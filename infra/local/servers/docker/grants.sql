-- Run once by MySQL's image, when the volume is empty. As on its own server the user may make databases: each test suite has one.
GRANT ALL PRIVILEGES ON *.* TO 'retail'@'%';
