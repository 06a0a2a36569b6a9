-- Messages of a batch that could not be decoded can't be replayed, so people dismiss them once they have looked at them.

ALTER TABLE dead_letters
  ADD COLUMN undecodable TINYINT UNSIGNED NOT NULL DEFAULT 0 AFTER reason,
  ADD COLUMN dismissed_at DATETIME(3) NULL,
  -- What waits for a replay or a dismissal, and how much of it is undecodable.
  ADD KEY waiting (replayed_at, dismissed_at, undecodable);
