-- Sending suspended: couriers claim nothing that a standing hold covers. What is null stands for every agency, every channel.
CREATE TABLE "hold" (
  "id" UUID PRIMARY KEY,
  -- Of the people written to.
  "agency" TEXT REFERENCES "agency" ("code"),
  "channel" TEXT CHECK ("channel" IN ('slack', 'email')),
  "except_urgent" BOOLEAN NOT NULL,
  "reason" TEXT NOT NULL,
  -- Null where the breaker made it.
  "made_by" TEXT REFERENCES "person" ("email"),
  "made_at" TIMESTAMPTZ(3) NOT NULL,
  -- No hold is for ever.
  "until" TIMESTAMPTZ(3) NOT NULL CHECK ("until" > "made_at"),
  "released_by" TEXT REFERENCES "person" ("email"),
  "released_at" TIMESTAMPTZ(3),
  -- The breaker trips once a day: what a person has let go is not held again.
  "breaker_day" DATE UNIQUE,
  "planned" INTEGER,
  "usual" DOUBLE PRECISION,
  CHECK (("released_at" IS NULL) = ("released_by" IS NULL)),
  CHECK (("made_by" IS NULL) = ("breaker_day" IS NOT NULL AND "planned" IS NOT NULL AND "usual" IS NOT NULL))
);
CREATE INDEX "hold_until" ON "hold" ("until");

-- What the breaker tells the coordinators: one message each.
CREATE TABLE "hold_notice" (
  "hold_id" UUID NOT NULL REFERENCES "hold" ("id"),
  "recipient" TEXT NOT NULL REFERENCES "person" ("email"),
  "channel" TEXT NOT NULL CHECK ("channel" IN ('slack', 'email')),
  "status" TEXT NOT NULL CHECK ("status" IN ('planned', 'sending', 'sent', 'uncertain', 'failed')),
  "send_at" TIMESTAMPTZ(3) NOT NULL,
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "attempted_at" TIMESTAMPTZ(3),
  "sent_at" TIMESTAMPTZ(3),
  "error" TEXT,
  PRIMARY KEY ("hold_id", "recipient")
);
CREATE INDEX "hold_notice_due" ON "hold_notice" ("channel", "send_at") WHERE "status" IN ('planned', 'sending');

-- Put off by the cap of a day or by the hours in which a hold has ended; planning anew does not bring it forward.
ALTER TABLE "notification" ADD COLUMN "not_before" TIMESTAMPTZ(3);
-- Sent in shadow mode: the person named was never told.
ALTER TABLE "notification" ADD COLUMN "shadow" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "chat_message" ADD COLUMN "shadow" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "notification" DROP CONSTRAINT "notification_status_check";
ALTER TABLE "notification" ADD CONSTRAINT "notification_status_check"
  CHECK ("status" IN ('planned', 'claimed', 'sending', 'sent', 'merged', 'uncertain', 'failed', 'cancelled', 'dropped'));
-- What the cap counts.
CREATE INDEX "notification_told" ON "notification" ("recipient", "attempted_at") WHERE "message_id" IS NOT NULL;
-- What the breaker counts.
CREATE INDEX "notification_volume" ON "notification" ("send_at") WHERE NOT "urgent" AND "status" <> 'cancelled';
CREATE INDEX "notification_shadow" ON "notification" ("sent_at") WHERE "shadow";
