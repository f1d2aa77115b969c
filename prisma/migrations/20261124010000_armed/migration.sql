-- An open task without a workflow is not followed: such a task can be told from the others, and is armed again.
ALTER TABLE "task" ADD COLUMN "armed_at" TIMESTAMPTZ(3);
CREATE INDEX "task_unarmed" ON "task" ("code") WHERE "armed_at" IS NULL AND "status" NOT IN ('completed', 'cancelled');
