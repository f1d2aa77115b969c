-- Couriers share a channel: all that one person is told on it goes through one of them, which merges and paces it. The rule stands a
-- second time in `worker/partition.ts`, for who wakes a courier; a test holds the two together.
ALTER TABLE "notification" ADD COLUMN "partition" SMALLINT NOT NULL GENERATED ALWAYS AS (ascii(md5("recipient")) & 1) STORED;
-- The message that a courier has it in hand for: what another claim has taken since is not sent by the first.
ALTER TABLE "notification" ADD COLUMN "claim_id" UUID;
-- Not tried again, and not asked about again, before. `send_at` stays what was promised: lateness is measured from it.
ALTER TABLE "notification" ADD COLUMN "retry_at" TIMESTAMPTZ(3);
-- Told by another channel because the one of that notification has failed for good.
ALTER TABLE "notification" ADD COLUMN "fallback_of" UUID REFERENCES "notification" ("id");

UPDATE "notification" SET "status" = 'planned', "leased_until" = NULL WHERE "status" = 'claimed';
-- What may have arrived is asked about at once.
UPDATE "notification" SET "retry_at" = "attempted_at" WHERE "status" = 'uncertain' AND "error" NOT LIKE 'unknown:%';
ALTER TABLE "notification" ADD CONSTRAINT "notification_claimed_for_a_message" CHECK ("status" <> 'claimed' OR "claim_id" IS NOT NULL);

DROP INDEX "notification_due";
CREATE INDEX "notification_due" ON "notification" ("channel", "partition", "send_at") WHERE "status" = 'planned';
-- What was put off, by a cap, hours, or a provider: the next instant of a courier is the earliest of these and of what simply waits.
CREATE INDEX "notification_put_off" ON "notification" ("channel", "partition")
  WHERE "status" = 'planned' AND ("not_before" IS NOT NULL OR "retry_at" IS NOT NULL);
DROP INDEX "notification_in_hand";
CREATE INDEX "notification_in_hand" ON "notification" ("channel", "partition") WHERE "status" IN ('claimed', 'sending', 'uncertain');

-- What a provider takes, counted for all couriers and workers together.
CREATE TABLE "rate_limit" (
  "name" TEXT PRIMARY KEY,
  "tokens" DOUBLE PRECISION NOT NULL,
  "pace" DOUBLE PRECISION NOT NULL CHECK ("pace" > 0 AND "pace" <= 1),
  "at" TIMESTAMPTZ(3) NOT NULL,
  "blocked_until" TIMESTAMPTZ(3)
);
