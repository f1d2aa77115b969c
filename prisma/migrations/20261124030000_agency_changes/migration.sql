-- An agency that has ended keeps its row, so that what was done under its code and name stays readable and findable.
ALTER TABLE "agency" ADD COLUMN "ended_on" DATE;
-- The agency that has its tasks now: where a successor is merged in its turn, this follows it.
-- Null where an agency lives, and where it was split into several.
ALTER TABLE "agency" ADD COLUMN "succeeded_by" TEXT REFERENCES "agency" ("code");
ALTER TABLE "agency" ADD CONSTRAINT "agency_not_its_own_successor" CHECK ("succeeded_by" <> "code");
ALTER TABLE "agency" ADD CONSTRAINT "agency_succeeded_has_ended" CHECK ("succeeded_by" IS NULL OR "ended_on" IS NOT NULL);
CREATE INDEX "agency_succeeded_by" ON "agency" ("succeeded_by") WHERE "succeeded_by" IS NOT NULL;

CREATE FUNCTION "refuse_deletion_of_agency"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'an agency is ended, never deleted' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER "agency_undeletable" BEFORE DELETE ON "agency" FOR EACH ROW EXECUTE FUNCTION "refuse_deletion_of_agency"();

-- One decision by which agencies are merged, split or renamed. It is stored with agencies and people in one transaction;
-- the open tasks follow one by one, and until they all have, it is not settled: whoever looks finds it and goes on.
CREATE TABLE "agency_change" (
  "id" UUID PRIMARY KEY,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('merge', 'split', 'rename')),
  -- A local date of the committee's zone.
  "effective" DATE NOT NULL,
  -- What each agency has become: {"A": ["C"], "B": ["C"]}. One that lives on is among its own successors.
  "successors" JSONB NOT NULL,
  -- Everyone who was in an agency that the change touches: [{"email", "from", "to"}].
  "people" JSONB NOT NULL,
  -- The touched agencies as they were, by code; null for one that the change made.
  "agencies" JSONB NOT NULL,
  "decided_by" TEXT NOT NULL REFERENCES "person" ("email"),
  "decided_at" TIMESTAMPTZ(3) NOT NULL,
  "settled_at" TIMESTAMPTZ(3),
  "undone_by" TEXT REFERENCES "person" ("email"),
  "undone_at" TIMESTAMPTZ(3),
  -- Nothing is undone by nobody.
  CHECK (("undone_at" IS NULL) = ("undone_by" IS NULL))
);
-- What a sweep looks for.
CREATE INDEX "agency_change_unsettled" ON "agency_change" ("decided_at") WHERE "settled_at" IS NULL;

-- The names that agencies had before: one change ends at most one name of an agency.
CREATE TABLE "agency_name" (
  "change_id" UUID NOT NULL REFERENCES "agency_change" ("id"),
  "agency_code" TEXT NOT NULL REFERENCES "agency" ("code"),
  "name_vi" TEXT NOT NULL,
  "name_en" TEXT NOT NULL,
  "name_fr" TEXT NOT NULL,
  -- The first day on which the name was no longer in force.
  "until" DATE NOT NULL,
  PRIMARY KEY ("change_id", "agency_code")
);
CREATE INDEX "agency_name_agency_code" ON "agency_name" ("agency_code");
