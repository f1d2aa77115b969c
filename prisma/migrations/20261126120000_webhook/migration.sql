-- A third channel: a signed webhook to a gateway of one's own (SMS, another chat). The address is the gateway's matter: a number, a name.
ALTER TABLE "person" ADD COLUMN "webhook_address" TEXT CHECK (length("webhook_address") BETWEEN 1 AND 200);
-- The gateway knows the address no more. As for every channel, the column is called after it.
ALTER TABLE "person" ADD COLUMN "webhook_gone_at" TIMESTAMPTZ(3);

ALTER TABLE "notice" DROP CONSTRAINT "notice_channel_check";
ALTER TABLE "notice" ADD CONSTRAINT "notice_channel_check" CHECK ("channel" IN ('slack', 'email', 'webhook'));
ALTER TABLE "hold" DROP CONSTRAINT "hold_channel_check";
ALTER TABLE "hold" ADD CONSTRAINT "hold_channel_check" CHECK ("channel" IN ('slack', 'email', 'webhook'));

-- By which channels the workers send, as the last that started said: nothing is planned on one by which nobody does. Empty before the
-- first worker: then nothing is known against any.
CREATE TABLE "served_channel" (
  "channel" TEXT PRIMARY KEY CHECK ("channel" IN ('slack', 'email', 'webhook')),
  "since" TIMESTAMPTZ(3) NOT NULL
);
