CREATE TABLE "agency" (
  "code" TEXT PRIMARY KEY,
  "name_vi" TEXT NOT NULL,
  "name_en" TEXT NOT NULL,
  "name_fr" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "head_email" TEXT
);

CREATE TABLE "person" (
  "email" TEXT PRIMARY KEY CHECK ("email" = lower("email")),
  "name" TEXT NOT NULL,
  "agency_code" TEXT NOT NULL REFERENCES "agency" ("code"),
  "role" TEXT NOT NULL CHECK ("role" IN ('assignee', 'supervisor', 'head', 'coordinator')),
  "locale" TEXT NOT NULL DEFAULT 'vi' CHECK ("locale" IN ('vi', 'en', 'fr')),
  "time_zone" TEXT NOT NULL DEFAULT 'Asia/Ho_Chi_Minh',
  "slack_id" TEXT UNIQUE,
  "slack_dm" TEXT
);
CREATE INDEX "person_agency_code_idx" ON "person" ("agency_code");

CREATE TABLE "policy" (
  "name" TEXT NOT NULL,
  "version" INTEGER NOT NULL CHECK ("version" > 0),
  "sha256" TEXT NOT NULL,
  "document" JSONB NOT NULL,
  "source" TEXT NOT NULL,
  "stored_at" TIMESTAMPTZ(3) NOT NULL,
  PRIMARY KEY ("name", "version")
);

CREATE TABLE "task" (
  "code" TEXT PRIMARY KEY,
  "title" TEXT NOT NULL,
  "product" TEXT NOT NULL,
  "document" TEXT NOT NULL,
  "group_name" TEXT NOT NULL,
  "status" TEXT NOT NULL CHECK ("status" IN ('assigned', 'acknowledged', 'reported', 'completed', 'cancelled')),
  -- Exactly one lead agency and one answerable person: no task is ever nobody's.
  "lead_agency" TEXT NOT NULL REFERENCES "agency" ("code"),
  "assignee" TEXT NOT NULL REFERENCES "person" ("email"),
  "supervisor" TEXT REFERENCES "person" ("email"),
  "coordinator" TEXT NOT NULL REFERENCES "person" ("email"),
  "regular" BOOLEAN NOT NULL,
  "priority" TEXT NOT NULL CHECK ("priority" IN ('normal', 'high')),
  "policy_name" TEXT NOT NULL,
  "policy_version" INTEGER NOT NULL,
  "assigned_at" TIMESTAMPTZ(3) NOT NULL,
  "deadline" DATE NOT NULL,
  "deadline_at" TIMESTAMPTZ(3) NOT NULL,
  "acknowledged_at" TIMESTAMPTZ(3),
  "reported_at" TIMESTAMPTZ(3),
  "completed_at" TIMESTAMPTZ(3),
  "cancelled_at" TIMESTAMPTZ(3),
  "escalation_level" INTEGER NOT NULL DEFAULT 0,
  "transfer_open" BOOLEAN NOT NULL DEFAULT FALSE,
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "state" JSONB NOT NULL,
  "imported_hash" TEXT,
  FOREIGN KEY ("policy_name", "policy_version") REFERENCES "policy" ("name", "version"),
  -- "Done" is never said of what is not: an end without its instant cannot be stored.
  CHECK (("status" = 'completed') = ("completed_at" IS NOT NULL)),
  CHECK (("status" = 'cancelled') = ("cancelled_at" IS NOT NULL)),
  CHECK ("status" <> 'reported' OR "reported_at" IS NOT NULL)
);
CREATE INDEX "task_status_deadline_at_idx" ON "task" ("status", "deadline_at");
CREATE INDEX "task_lead_agency_status_idx" ON "task" ("lead_agency", "status");
CREATE INDEX "task_assignee_status_idx" ON "task" ("assignee", "status");

CREATE TABLE "assignment" (
  "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
  "role" TEXT NOT NULL CHECK ("role" IN ('lead', 'coordinating', 'assignee', 'supervisor')),
  "holder" TEXT NOT NULL,
  "since_seq" INTEGER NOT NULL,
  "until_seq" INTEGER CHECK ("until_seq" IS NULL OR "until_seq" >= "since_seq"),
  PRIMARY KEY ("task_code", "role", "holder", "since_seq")
);
-- One lead agency and one answerable person at a time.
CREATE UNIQUE INDEX "assignment_one_holder" ON "assignment" ("task_code", "role") WHERE "until_seq" IS NULL AND "role" IN ('lead', 'assignee');

CREATE TABLE "task_event" (
  "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
  "seq" INTEGER NOT NULL CHECK ("seq" > 0),
  "type" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "by" TEXT,
  "via" TEXT NOT NULL,
  "command_id" UUID,
  "body" JSONB NOT NULL,
  "prev_hash" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  -- Recording twice changes nothing.
  PRIMARY KEY ("task_code", "seq"),
  -- The chain has one successor for each link.
  UNIQUE ("task_code", "prev_hash")
);
CREATE INDEX "task_event_command_id_idx" ON "task_event" ("command_id");

-- The record is unalterable: corrections are new events.
CREATE FUNCTION "refuse_change_of_record"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the record of a task is never changed or deleted (%)', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER "task_event_unalterable" BEFORE UPDATE OR DELETE ON "task_event"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_record"();
CREATE TRIGGER "task_event_untruncated" BEFORE TRUNCATE ON "task_event"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_record"();
-- A version of a policy is immutable: a running task never sees its rules rewritten.
CREATE TRIGGER "policy_unalterable" BEFORE UPDATE OR DELETE ON "policy"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_record"();

CREATE TABLE "command" (
  "id" UUID PRIMARY KEY,
  "key" TEXT NOT NULL UNIQUE,
  "task_code" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "via" TEXT NOT NULL,
  "body" JSONB NOT NULL,
  "received_at" TIMESTAMPTZ(3) NOT NULL,
  "status" TEXT NOT NULL CHECK ("status" IN ('stored', 'done', 'refused')),
  "outcome" JSONB,
  "settled_at" TIMESTAMPTZ(3),
  "attempts" INTEGER NOT NULL DEFAULT 0,
  CHECK (("status" = 'stored') = ("settled_at" IS NULL))
);
CREATE INDEX "command_task_code_received_at_idx" ON "command" ("task_code", "received_at");
CREATE INDEX "command_unsettled" ON "command" ("received_at") WHERE "status" = 'stored';

CREATE TABLE "notification" (
  "id" UUID PRIMARY KEY,
  -- One thing is told to one person once, however often it is planned.
  "key" TEXT NOT NULL UNIQUE,
  "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
  "kind" TEXT NOT NULL,
  "step" TEXT NOT NULL,
  "recipient" TEXT NOT NULL REFERENCES "person" ("email"),
  "channel" TEXT NOT NULL,
  "send_at" TIMESTAMPTZ(3) NOT NULL,
  "urgent" BOOLEAN NOT NULL,
  "reason" TEXT NOT NULL,
  "status" TEXT NOT NULL CHECK ("status" IN ('planned', 'claimed', 'sending', 'sent', 'merged', 'uncertain', 'failed', 'cancelled')),
  "planned_at" TIMESTAMPTZ(3) NOT NULL,
  "message_id" UUID,
  "leased_until" TIMESTAMPTZ(3),
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "attempted_at" TIMESTAMPTZ(3),
  "sent_at" TIMESTAMPTZ(3),
  "provider_id" TEXT,
  "error" TEXT,
  CHECK ("status" NOT IN ('sent', 'merged') OR "sent_at" IS NOT NULL)
);
CREATE INDEX "notification_task_code_status_idx" ON "notification" ("task_code", "status");
CREATE INDEX "notification_message_id_idx" ON "notification" ("message_id");
-- What a courier looks for.
CREATE INDEX "notification_due" ON "notification" ("channel", "send_at") WHERE "status" = 'planned';
CREATE INDEX "notification_in_hand" ON "notification" ("channel", "leased_until") WHERE "status" IN ('claimed', 'sending', 'uncertain');

CREATE TABLE "chat_message" (
  "channel" TEXT NOT NULL,
  "ts" TEXT NOT NULL,
  "message_id" UUID NOT NULL,
  "recipient" TEXT NOT NULL,
  "task_code" TEXT REFERENCES "task" ("code"),
  "shown_seq" INTEGER NOT NULL DEFAULT 0,
  "revision" INTEGER NOT NULL DEFAULT 0,
  "posted_at" TIMESTAMPTZ(3) NOT NULL,
  "gone" BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY ("channel", "ts")
);
CREATE INDEX "chat_message_task_code_idx" ON "chat_message" ("task_code");

CREATE TABLE "evidence" (
  "id" UUID PRIMARY KEY,
  "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
  "seq" INTEGER NOT NULL,
  "position" INTEGER NOT NULL,
  "type" TEXT NOT NULL CHECK ("type" IN ('text', 'link', 'file')),
  "body" JSONB NOT NULL,
  UNIQUE ("task_code", "seq", "position")
);

CREATE TABLE "attachment" (
  "sha256" TEXT PRIMARY KEY CHECK ("sha256" ~ '^[0-9a-f]{64}$'),
  "name" TEXT NOT NULL,
  "bytes" INTEGER NOT NULL,
  "content" BYTEA NOT NULL,
  "stored_at" TIMESTAMPTZ(3) NOT NULL
);
