-- Calendars that were loaded: the newest of each name is in force, for every process from its next look on. The serial is the
-- order of all of them, so that one number says whether anything has changed.
CREATE TABLE "calendar_version" (
  "serial" INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  "name" TEXT NOT NULL CHECK ("name" ~ '^[a-z][a-z0-9-]{0,39}$'),
  "sha256" TEXT NOT NULL CHECK ("sha256" ~ '^[0-9a-f]{64}$'),
  "source" TEXT NOT NULL,
  -- Who entered it; nobody is named where the command line did.
  "stored_by" TEXT,
  "stored_at" TIMESTAMPTZ(3) NOT NULL
);
CREATE INDEX "calendar_version_name" ON "calendar_version" ("name", "serial");
-- A version is immutable: what counted on a day in the past can be read again.
CREATE TRIGGER "calendar_version_unalterable" BEFORE UPDATE OR DELETE ON "calendar_version"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_record"();
