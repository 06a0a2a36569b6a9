-- Which of the optional columns have no value in any sale, as the load has seen them: names of sales_facts, separated by commas.
-- Null for data sets that were loaded before.

ALTER TABLE datasets ADD COLUMN missing_columns VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL;
