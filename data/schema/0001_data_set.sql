-- The data set: dimensions as existing clients know them (values of a key's first row in the file) and the facts, which
-- keep each row's own values because the file's attributes differ from row to row.

CREATE TABLE IF NOT EXISTS datasets (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  file_name VARCHAR(255) NOT NULL,
  row_count INT UNSIGNED NOT NULL,
  day_count INT UNSIGNED NOT NULL,
  loaded_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS stores (
  store_id VARCHAR(32) NOT NULL PRIMARY KEY,
  region VARCHAR(50) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS products (
  product_id VARCHAR(32) NOT NULL PRIMARY KEY,
  category VARCHAR(50) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS calendar (
  date DATE NOT NULL PRIMARY KEY,
  weather_condition VARCHAR(50) NOT NULL,
  is_holiday_promo TINYINT UNSIGNED NOT NULL,
  seasonality VARCHAR(50) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sales_facts (
  date DATE NOT NULL,
  store_id VARCHAR(32) NOT NULL,
  product_id VARCHAR(32) NOT NULL,
  inventory_level INT NOT NULL,
  units_sold INT NOT NULL,
  units_ordered INT NOT NULL,
  demand_forecast DECIMAL(12, 2) NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  discount DECIMAL(5, 2) NOT NULL,
  competitor_pricing DECIMAL(10, 2) NOT NULL,
  category VARCHAR(50) NOT NULL,
  region VARCHAR(50) NOT NULL,
  weather_condition VARCHAR(50) NOT NULL,
  is_holiday_promo TINYINT UNSIGNED NOT NULL,
  seasonality VARCHAR(50) NOT NULL,
  -- A day's sales stand together, so the producer reads one range of the clustered index.
  PRIMARY KEY (date, store_id, product_id),
  -- A product's history, over all stores or in one.
  KEY by_product (product_id, store_id, date)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
