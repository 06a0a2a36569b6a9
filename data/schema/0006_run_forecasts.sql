-- What was forecast for each day of a run on the evening before, and how the forecasts of the days before had turned out.
-- Rows are added and never changed.

CREATE TABLE IF NOT EXISTS run_forecasts (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day_index SMALLINT UNSIGNED NOT NULL,
  -- Null on the evening after the last day, which has no next one.
  date DATE NULL,
  -- JSON: [store or null, product or null, units, lower 80 %, upper 80 %, lower 95 %, upper 95 %] of each series.
  forecasts MEDIUMTEXT NOT NULL,
  -- JSON: sums over the days before.
  score VARCHAR(1000) NOT NULL,
  made_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (run_id, day_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
