-- A message's key may be as large as the message: Kafka sets no limit of its own.

ALTER TABLE dead_letters MODIFY message_key MEDIUMBLOB NULL;
