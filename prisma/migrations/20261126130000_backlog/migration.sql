-- How long messages waited is read by channel and day, and when a channel last sent anything.
CREATE INDEX "notification_sent" ON "notification" ("channel", "sent_at") WHERE "sent_at" IS NOT NULL;
CREATE INDEX "notice_sent" ON "notice" ("channel", "sent_at") WHERE "sent_at" IS NOT NULL;
-- What reached nobody is looked for by the hour.
CREATE INDEX "notification_failed" ON "notification" ("attempted_at") WHERE "status" = 'failed';

-- Not tried again before. As for notifications `send_at` stays what was promised: lateness is measured from it.
ALTER TABLE "notice" ADD COLUMN "retry_at" TIMESTAMPTZ(3);
-- The channel that has failed for good before this one: a notice goes by another one once.
ALTER TABLE "notice" ADD COLUMN "fallback_of" TEXT;

-- A channel whose messages are late for longer than mends itself: from when its oldest was due, until none was late any more.
CREATE TABLE "backlog" (
  "id" UUID PRIMARY KEY,
  "channel" TEXT NOT NULL,
  "since" TIMESTAMPTZ(3) NOT NULL,
  -- As it was when it was noticed: the rule's own word, and the provider's code where it gave one.
  "reason" TEXT NOT NULL,
  "answer" TEXT,
  "noticed_at" TIMESTAMPTZ(3) NOT NULL,
  -- When the coordinators were told: once, whichever worker noticed. Null where they had just been told of another one of the channel.
  "told_at" TIMESTAMPTZ(3),
  "ended_at" TIMESTAMPTZ(3) CHECK ("ended_at" >= "noticed_at")
);
-- Of two workers that notice it at once one begins it.
CREATE UNIQUE INDEX "backlog_one_a_channel" ON "backlog" ("channel") WHERE "ended_at" IS NULL;
CREATE INDEX "backlog_noticed" ON "backlog" ("noticed_at");
