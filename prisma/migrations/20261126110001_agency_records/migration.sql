-- How an agency has ended its tasks is read with each press, from the index alone.
CREATE INDEX "task_ended" ON "task" ("lead_agency") INCLUDE ("completed_at", "reported_at", "deadline_at")
  WHERE "completed_at" IS NOT NULL AND NOT "regular";
