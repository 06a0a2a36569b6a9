-- Any shop's history: ids of up to 64 characters, and null where a file lacks a column. Only date, store, product, units and
-- price are always there.

ALTER TABLE stores
  MODIFY store_id VARCHAR(64) NOT NULL,
  MODIFY region VARCHAR(50) NULL;

ALTER TABLE products
  MODIFY product_id VARCHAR(64) NOT NULL,
  MODIFY category VARCHAR(50) NULL;

ALTER TABLE calendar
  MODIFY weather_condition VARCHAR(50) NULL,
  MODIFY is_holiday_promo TINYINT UNSIGNED NULL,
  MODIFY seasonality VARCHAR(50) NULL;

ALTER TABLE sales_facts
  MODIFY store_id VARCHAR(64) NOT NULL,
  MODIFY product_id VARCHAR(64) NOT NULL,
  MODIFY inventory_level INT NULL,
  MODIFY units_ordered INT NULL,
  MODIFY demand_forecast DECIMAL(12, 2) NULL,
  MODIFY discount DECIMAL(5, 2) NULL,
  MODIFY competitor_pricing DECIMAL(10, 2) NULL,
  MODIFY category VARCHAR(50) NULL,
  MODIFY region VARCHAR(50) NULL,
  MODIFY weather_condition VARCHAR(50) NULL,
  MODIFY is_holiday_promo TINYINT UNSIGNED NULL,
  MODIFY seasonality VARCHAR(50) NULL;

ALTER TABLE kafka_events
  MODIFY store_id VARCHAR(64) NOT NULL,
  MODIFY product_id VARCHAR(64) NOT NULL,
  MODIFY discount DECIMAL(5, 2) NULL,
  MODIFY is_holiday_promo TINYINT UNSIGNED NULL,
  MODIFY weather VARCHAR(50) NULL,
  MODIFY category VARCHAR(50) NULL,
  MODIFY region VARCHAR(50) NULL;

ALTER TABLE optuna_trials
  MODIFY study_name VARCHAR(160) NOT NULL,
  MODIFY store_id VARCHAR(64) NOT NULL,
  MODIFY product_id VARCHAR(64) NOT NULL;
