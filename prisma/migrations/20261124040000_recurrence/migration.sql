-- A regular task's periods are opened by a Schedule of the engine. What should have one and what has one stand side by side, so that
-- none is lost by a crash between the two: the sweep finds every task where they differ.
ALTER TABLE "task" ADD COLUMN "recurs" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "task" ADD COLUMN "scheduled" BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX "task_schedule_differs" ON "task" ("code") WHERE "recurs" <> "scheduled";
