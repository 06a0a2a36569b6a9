-- Lines of a data set that are summed into sales: several for each day, store and product. Empty but for the transaction of a load.
-- Not a temporary table, which would take a privilege on the whole database. Prices have more decimals than a sale's, and units
-- may be below zero.

CREATE TABLE IF NOT EXISTS sales_lines (
  date DATE NOT NULL,
  store_id VARCHAR(64) NOT NULL,
  product_id VARCHAR(64) NOT NULL,
  category VARCHAR(50) NULL,
  region VARCHAR(50) NULL,
  inventory_level INT NULL,
  units_sold INT NOT NULL,
  units_ordered INT NULL,
  demand_forecast DECIMAL(18, 6) NULL,
  price DECIMAL(18, 6) NOT NULL,
  discount DECIMAL(10, 6) NULL,
  weather_condition VARCHAR(50) NULL,
  is_holiday_promo TINYINT UNSIGNED NULL,
  competitor_pricing DECIMAL(18, 6) NULL,
  seasonality VARCHAR(50) NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
