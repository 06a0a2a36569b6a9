-- Every trial of every study, with the run that was current when it was made.

CREATE TABLE IF NOT EXISTS optuna_trials (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  study_name VARCHAR(80) NOT NULL,
  trial_number INT UNSIGNED NOT NULL,
  store_id VARCHAR(32) NOT NULL,
  product_id VARCHAR(32) NOT NULL,
  _window INT UNSIGNED NOT NULL,
  min_periods INT UNSIGNED NOT NULL,
  trend_window INT UNSIGNED NOT NULL,
  rmse DOUBLE NULL,
  status VARCHAR(20) NOT NULL,
  completed_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  KEY by_product (product_id, store_id, id),
  KEY by_run (run_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
