-- Notices go by the couriers as notifications do: each by the courier of its reader, taken in hand first, each message with an id by which a
-- provider is asked about it. The rule of the partition is that of `notification`.
ALTER TABLE "notice" ADD COLUMN "partition" SMALLINT NOT NULL GENERATED ALWAYS AS (ascii(md5("recipient")) & 1) STORED;
ALTER TABLE "notice" ADD COLUMN "message_id" UUID;
ALTER TABLE "notice" ADD COLUMN "leased_until" TIMESTAMPTZ(3);
ALTER TABLE "notice" DROP CONSTRAINT "notice_status_check";
ALTER TABLE "notice" ADD CONSTRAINT "notice_status_check"
  CHECK ("status" IN ('planned', 'claimed', 'sending', 'sent', 'uncertain', 'failed', 'cancelled'));
ALTER TABLE "notice" ADD CHECK ("status" <> 'claimed' OR "message_id" IS NOT NULL AND "leased_until" IS NOT NULL);
DROP INDEX "notice_due";
CREATE INDEX "notice_due" ON "notice" ("channel", "partition", "send_at") WHERE "status" = 'planned';
CREATE INDEX "notice_in_hand" ON "notice" ("channel", "partition") WHERE "status" IN ('claimed', 'sending', 'uncertain');
