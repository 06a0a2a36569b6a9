-- What came through Kafka. Ids become visible in the order of their values because writers serialise on writer_lock.

CREATE TABLE IF NOT EXISTS writer_lock (
  name VARCHAR(64) NOT NULL PRIMARY KEY
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO writer_lock (name) VALUES ('kafka_events');

CREATE TABLE IF NOT EXISTS kafka_events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day_index SMALLINT UNSIGNED NOT NULL,
  store_id VARCHAR(32) NOT NULL,
  product_id VARCHAR(32) NOT NULL,
  date DATE NOT NULL,
  units_sold INT NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  discount DECIMAL(5, 2) NOT NULL,
  is_holiday_promo TINYINT UNSIGNED NOT NULL,
  weather VARCHAR(50) NOT NULL,
  category VARCHAR(50) NOT NULL,
  region VARCHAR(50) NOT NULL,
  day_total INT UNSIGNED NOT NULL,
  -- The click that caused the sale: the same id stands in the logs of every function it passed.
  trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  received_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  -- The same sale sent twice is the same row.
  UNIQUE KEY one_row_per_event (event_id),
  -- A page after an id, and the greatest id, of a run.
  KEY run_position (run_id, id),
  -- How many of a day are in, and where a day begins.
  KEY run_day (run_id, day_index)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS dead_letters (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  topic VARCHAR(249) NOT NULL,
  partition_id INT NOT NULL,
  message_offset BIGINT NOT NULL,
  message_key BLOB NULL,
  message_value MEDIUMBLOB NULL,
  reason VARCHAR(1000) NOT NULL,
  received_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  replayed_at DATETIME(3) NULL,
  UNIQUE KEY one_row_per_message (topic, partition_id, message_offset)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
