-- Messages to one person that are about no single task. What the breaker tells the coordinators becomes one kind of them.
CREATE TABLE "notice" (
  -- Once for ever: whatever is planned again under it is the same notice.
  "key" TEXT PRIMARY KEY CHECK (length("key") BETWEEN 1 AND 400),
  "kind" TEXT NOT NULL,
  "recipient" TEXT NOT NULL REFERENCES "person" ("email"),
  "channel" TEXT NOT NULL CHECK ("channel" IN ('slack', 'email')),
  -- What the kind's schema says; never words of a task, since a task may be restricted before it is sent.
  "body" JSONB NOT NULL CHECK (jsonb_typeof("body") = 'object' AND pg_column_size("body") <= 8192),
  "urgent" BOOLEAN NOT NULL,
  "planned_at" TIMESTAMPTZ(3) NOT NULL,
  "send_at" TIMESTAMPTZ(3) NOT NULL,
  -- A morning's word is not sent in the evening, when a hold ends; null where it stays true.
  "not_after" TIMESTAMPTZ(3) CHECK ("not_after" > "planned_at"),
  "status" TEXT NOT NULL CHECK ("status" IN ('planned', 'sending', 'sent', 'uncertain', 'failed', 'cancelled')),
  "attempts" INTEGER NOT NULL DEFAULT 0,
  -- Set before the wire: who finds it on the wire after a crash knows since when, and does not send it again.
  "attempted_at" TIMESTAMPTZ(3),
  "sent_at" TIMESTAMPTZ(3),
  "provider_id" TEXT,
  -- Why it was put off, cancelled, or has failed.
  "error" TEXT,
  -- Sent in shadow mode: the person named was never told.
  "shadow" BOOLEAN NOT NULL DEFAULT false,
  CHECK ("status" NOT IN ('sending', 'sent', 'uncertain') OR "attempted_at" IS NOT NULL)
);
CREATE INDEX "notice_due" ON "notice" ("channel", "send_at") WHERE "status" IN ('planned', 'sending');
-- What the cap of a day counts, and what a digest looks back at.
CREATE INDEX "notice_told" ON "notice" ("recipient", "attempted_at") WHERE "status" IN ('sending', 'sent', 'uncertain');
-- Whether a person is about to be told something else at the moment of a digest.
CREATE INDEX "notification_waiting" ON "notification" ("recipient", "send_at") WHERE "status" IN ('planned', 'claimed');

INSERT INTO "notice" ("key", "kind", "recipient", "channel", "body", "urgent", "planned_at", "send_at", "status", "attempts", "attempted_at",
  "sent_at", "error")
SELECT 'hold/' || n."hold_id" || '/' || n."recipient", 'hold', n."recipient", n."channel", jsonb_build_object('hold', n."hold_id"), true,
  h."made_at", n."send_at", n."status", n."attempts", n."attempted_at", n."sent_at", n."error"
FROM "hold_notice" n JOIN "hold" h ON h."id" = n."hold_id";
DROP TABLE "hold_notice";

-- Who wants no morning digest says so in the directory; reminders, escalations and what waits for an answer come as before.
ALTER TABLE "person" ADD COLUMN "digest" BOOLEAN NOT NULL DEFAULT true;
