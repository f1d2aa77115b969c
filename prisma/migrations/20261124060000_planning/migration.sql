-- When each task was planned, at which of its events, and from what outside it: with the record it makes the past's plans
-- reproducible, and another policy comparable with them.
CREATE TABLE "planning" (
  "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
  "seq" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "waiting" TEXT[] NOT NULL DEFAULT '{}',
  -- The same turn recorded twice is one planning.
  PRIMARY KEY ("task_code", "at", "seq")
);
CREATE TRIGGER "planning_unalterable" BEFORE UPDATE OR DELETE ON "planning"
  FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_record"();
