-- Who has left for good. A provider that says that it knows no such recipient takes a channel away; a person whose every channel is
-- gone has left. Who comes back has none of these: a later leaving is another one.
ALTER TABLE "person" ADD COLUMN "slack_gone_at" TIMESTAMPTZ(3);
ALTER TABLE "person" ADD COLUMN "email_gone_at" TIMESTAMPTZ(3);
ALTER TABLE "person" ADD COLUMN "gone_at" TIMESTAMPTZ(3);
ALTER TABLE "person" ADD CONSTRAINT "person_gone_has_no_channel" CHECK ("gone_at" IS NULL OR "email_gone_at" IS NOT NULL);
CREATE INDEX "person_gone" ON "person" ("email") WHERE "gone_at" IS NOT NULL;

-- One question a person who left and a reader: whatever task it hangs on, it is found by its kind.
CREATE INDEX "notification_assignee_gone" ON "notification" ("message_id") WHERE "kind" = 'assignee_gone';
